import json
from tests.support.life import *
def show(l, act,on,by=None,mode='PERFORM',**b):
    l.serving.clock.day=on
    r=(by or l.officer).act(l.plan_id,act,mode=mode,**b)
    print(act,r.status_code, r.json().get('errors') or r.json().get('detail') or (r.json()['phase'],r.json()['findings']))
    return r
def test_kept(life):
    l=life.finalised()
    s=l.serving
    REVIEW={"reviewId": "r1", "meetingOn": "2026-09-14", "kind": "ANNUAL", "runBy": "LA"}
    show(l,'schedule-review','2026-08-03',**REVIEW)
    show(l,'invite-to-review','2026-08-03',reviewId='r1',meetingOn='2026-09-14',sentOn='2026-08-03',recipients=['contact-1','contact-2'])
    show(l,'circulate-review-advice','2026-08-25',reviewId='r1',sentOn='2026-08-25',recipients=['contact-1'])
    show(l,'hold-review','2026-09-14',reviewId='r1',meetingOn='2026-09-14')
    show(l,'issue-review-report','2026-09-21',reviewId='r1',sentOn='2026-09-21',recommendation='AMEND')
    show(l,'decide-review','2026-10-05',reviewId='r1',decision='AMEND',notifiedOn='2026-10-05',amendmentNoticeId='n1')
    d=l.draft('ANNUAL_REVIEW')
    d=l.patch(d,{"sections":{"F":{"provisions":{"provision-1":{"quantity":{"sessions":2}}}},"E":{"outcomes":{"outcome-1":{"text":"Reads two pages aloud"}}}}})
    show(l,'serve-amendment-notice','2026-10-05',amendmentNoticeId='n1',draftId=d[0],draftRevision=d[1],noticeOn='2026-10-05',servedOn={'contact-1':'2026-10-05','contact-2':'2026-10-05'},representationsUntil='2026-10-19',purpose='ANNUAL_REVIEW',evidenceNote='report',reviewId='r1')
    show(l,'make-amendment-representation','2026-10-19',by=l.family(),amendmentNoticeId='n1',receivedOn='2026-10-19',text='We agree',**{'from':'contact-1'})
    show(l,'amend','2026-10-26',amendmentNoticeId='n1',draftId=d[0],draftRevision=d[1],sentOn='2026-10-26',purpose='ANNUAL_REVIEW',basis='COUNCIL',recipients=['contact-1','contact-2'],sentTo=[SCHOOL,ICB],rightsExplained=True)
    r=l.officer.get(l.path+'/diff',**{'from':1,'to':2}); print(json.dumps(r.json()['changes'],indent=1)[:1500])
    print(l.officer.get(l.path+'/versions').json())
    show(l,'request-reassessment','2026-11-02',by=l.family(),reassessmentId='a1',receivedOn='2026-11-02',requestedBy='PARENT')
    show(l,'decide-reassessment','2026-11-09',reassessmentId='a1',decision='REASSESS',origin='REQUEST',decidedOn='2026-11-09',notifiedOn='2026-11-09',lastAssessedOn='2026-05-20')
    show(l,'serve-draft','2026-11-10',plan=text(l.reference),purpose='REASSESSMENT',servedOn={'contact-1':'2026-11-10'},serviceMethods={'contact-1':'EMAIL'},representationsUntil='2026-11-24')
    show(l,'conclude-reassessment','2026-11-20',reassessmentId='a1',conclusion='KEEP',notifiedOn='2026-11-20',reasons='no')
def test_cease(life):
    l=life.imported(dateOfBirth='2006-03-04')
    B={"ceaseId": "c1", "ground": "HIGHER_EDUCATION", "reasons": "A place at a university"}
    show(l,'propose-cease','2026-01-12',**B,sentOn='2026-01-12',recipients=['contact-1'])
    show(l,'consult-on-cease','2026-01-12',ceaseId='c1',familyConsultedOn='2026-01-12',settingConsultedOn='2026-01-12',setting=SCHOOL)
    show(l,'decide-cease','2026-02-16',**B,notifiedOn='2026-02-16',notifiedOrganisations=[SCHOOL,ICB],recipients=['contact-1'],rightsExplained=True)
    show(l,'decide-cease','2026-02-16',**B,notifiedOn='2026-02-16',notifiedOrganisations=[SCHOOL,ICB],recipients=['contact-1'])
    show(l,'cease','2026-03-01',ceaseId='c1',reason='3')
    print(l.read()['phase'])
    show(l,'cease','2026-05-01',ceaseId='c1',reason='3')
    show(l,'schedule-review','2026-05-02',**{"reviewId": "r1", "meetingOn": "2026-09-14", "kind": "ANNUAL", "runBy": "LA"})
def test_move(life):
    l=life.imported(); s=l.serving
    show(l,'notify-move','2026-06-01',transferId='t1',awareOn='2026-06-01',toLa='936')
    show(l,'transfer-plan','2026-06-15',transferId='t1',toLa='936',transferOn='2026-06-15',movedOn='2026-06-15',lastReviewOn='2025-10-01')
    print(l.officer.get(l.path).status_code, s.officer('936').get(l.path).status_code)
    o=s.officer('936')
    show(l,'acknowledge-transfer','2026-06-16',by=o,transferId='t1',receivedOn='2026-06-16')
    show(l,'inform-family-after-transfer','2026-06-16',by=o,transferId='t1',sentOn='2026-06-16',willReassess=False,reviewBy='2026-09-14')
    show(l,'change-commissioner','2026-06-17',by=o,changeId='b1',fromOds='QJK',toOds='QT1',since='2026-06-15',awareOn='2026-06-17',reason='MOVED')
    show(l,'change-commissioner','2026-06-17',by=o,changeId='b1',fromOds='QJK',toOds='QT1',since='2026-06-15',awareOn='2026-06-17',reason='CHILD_MOVED')
    print(s.as_('health','ods:QT1').get(l.path).status_code)
    show(l,'request-mediation','2026-06-18',by=l.family(),mediationId='m1',requestedOn='2026-06-18',issues=['education'])
    show(l,'register-appeal','2026-06-18',by=o,mode='RECORD',appealId='p1',about=['c-ii'],decisionLetterOn='2026-06-01')
    show(l,'record-tribunal-order','2026-06-19',by=o,mode='RECORD',appealId='p1',orderOn='2026-06-19',orders=['AMEND_CONTENTS'],receivedOn='2026-06-19')
    show(l,'amend','2026-06-22',by=o,amendmentNoticeId='x1',plan=text(l.reference,section_i=NAMED,F={'provisions':{'provision-1':{'what':'ordered'}}}),sentOn='2026-06-22',purpose='TRIBUNAL',basis='TRIBUNAL_ORDER',appealId='p1',recipients=['contact-1','contact-2'],sentTo=[SCHOOL,ICB])
def test_rec(life):
    l=life.imported()
    h=l.history(); 
    r=show(l,'correct-entry','2026-06-22',corrects=1,reason='Wrong day',correctEffectiveOn='2025-09-30',replacement={k:v for k,v in h[0]['data'].items()})
    r=show(l,'set-legal-hold','2026-06-22',holdId='h1',reason='x')
    r=show(l,'record-death','2026-06-22',diedOn='2026-06-20',source='Register')
    print(l.read()['phase'])
