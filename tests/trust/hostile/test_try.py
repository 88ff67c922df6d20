import time
from collections import Counter
from tests.trust.hostile import parameters as P, pages
def test_x(furnished, dry, everybody):
    t=time.process_time()
    v=pages.everywhere(dry, everybody)
    print('crawl', len(v), time.process_time()-t)
    print(Counter((x.caller.name) for x in v)); print(Counter(x.endpoint for x in v).most_common(30))
    t=time.process_time()
    for x in v: pages.read(x.address, x.text)
    print('parse', time.process_time()-t, sum(len(x.text) for x in v))
    t=time.process_time()
    found=P.spots(dry, everybody, v)
    print('spots', len(found), time.process_time()-t)
