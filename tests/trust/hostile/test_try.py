from tests.trust.hostile.test_parameters import spots, told_apart, written, families
from tests.trust.hostile import test_parameters as T
def test_x(dry, dry_on_postgresql, spots):
    w, n = told_apart(dry, dry_on_postgresql, written(spots), ("a\x00zq7x", "a\ud800b", "a\ufffeb", "a"*10001), 4)
    print(n, len(w))
    for x in w: print('WRONG', x)
    w, n = T.injected(dry, families(spots, False), 6)
    print(n, len(w))
    for x in w: print('WRONG', x)
