from tests.trust.hostile.test_parameters import spots, told_apart
from tests.trust.hostile import test_parameters as T
from collections import Counter
def test_x(dry, dry_on_postgresql, spots, monkeypatch):
    monkeypatch.setattr(T, 'TEXTS', ("a\x00zq7x", "a\ud800b", "a\ufffeb", "a"*10001, "a\u202eb"))
    w, n = told_apart(dry, dry_on_postgresql, spots, 5)
    print(n, len(w))
    for x in w: print('WRONG', x)
