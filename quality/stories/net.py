"""A small network: one hidden layer of rectifiers beside a linear path, trained by Adam with dropout."""

import numpy as np

CLIP = 5.0
UNIT, FINE = 4096, 65536


def fixed(x, scale):
    return int(np.floor(float(x) * scale + 0.5))


def numbers(values):
    return " ".join(str(fixed(x, UNIT)) for x in values)


def squash(x):
    return np.sign(x) * np.log1p(np.abs(x))


class Scale:
    """Squashed, moved and scaled to mean 0 and deviation 1, clipped."""

    def __init__(self, x):
        z = squash(x.astype(np.float64))
        self.mean, self.deviation = z.mean(0), z.std(0)
        self.deviation[self.deviation < 1e-6] = 1.0

    def __call__(self, x):
        z = (squash(x.astype(np.float64)) - self.mean) / self.deviation
        return np.clip(z, -CLIP, CLIP).astype(np.float32)


class Net:
    """`hidden` rectifiers; the mean of the log odds of one part for each seed."""

    def __init__(self, scale, parts):
        self.scale, self.parts = scale, parts

    def __call__(self, x):
        z = self.scale(x)
        return np.mean([np.maximum(z @ w + b, 0) @ v + c + z @ u for w, b, v, c, u in self.parts], 0)

    def table(self, names, calibration, recipe):
        """The lines of the table: all parts as one network, calibrated; FORMAT.md tells what they mean."""
        a, shift = calibration
        parts = len(self.parts)
        yield f"# {recipe}"
        hidden = sum(len(b) for _, b, _, _, _ in self.parts)
        yield f"inputs {len(names)} hidden {hidden} scale {UNIT}"
        for name, mean, deviation in zip(names, self.scale.mean, self.scale.deviation):
            yield f"input {name} {fixed(mean, FINE)} {fixed(1 / deviation, FINE)}"
        linear = sum(u.astype(np.float64) for *_, u in self.parts) * a / parts
        constant = sum(float(c[0]) for *_, c, _ in self.parts) * a / parts + shift
        yield "linear " + numbers([constant, *linear])
        for w, b, v, _, _ in self.parts:
            for k in range(len(b)):
                yield "unit " + numbers([v[k] * a / parts, b[k], *w[:, k]])


def train(x, y, weight, hidden=24, epochs=12, seeds=(1, 2), decay=3e-4, drop_in=0.15, drop_hidden=0.2, batch=512, rate=3e-3):
    scale = Scale(x)
    z, y, weight = scale(x), y.astype(np.float32), weight.astype(np.float32)
    return Net(scale, [_part(z, y, weight, hidden, epochs, seed, decay, drop_in, drop_hidden, batch, rate) for seed in seeds])


def _part(z, y, weight, hidden, epochs, seed, decay, drop_in, drop_hidden, batch, rate):
    r = np.random.Generator(np.random.PCG64(seed))
    n, d = z.shape
    f = np.float32
    p = [
        r.normal(0, 1 / np.sqrt(d), (d, hidden)).astype(f),
        np.zeros(hidden, f),
        r.normal(0, 1 / np.sqrt(hidden), hidden).astype(f),
        np.zeros(1, f) - f(2),
        np.zeros(d, f),
    ]
    m, v, step = [np.zeros_like(q) for q in p], [np.zeros_like(q) for q in p], 0
    for epoch in range(epochs):
        order = r.permutation(n)
        lr = f(rate * (1 - epoch / epochs) + 1e-4)
        for a in range(0, n, batch):
            at = order[a : a + batch]
            x = z[at] * (r.random((len(at), d), dtype=f) > drop_in)
            pre = x @ p[0] + p[1]
            keep = (r.random(pre.shape, dtype=f) > drop_hidden).astype(f) / f(1 - drop_hidden)
            h = np.maximum(pre, 0) * keep
            out = h @ p[2] + p[3] + x @ p[4]
            w = weight[at]
            g = ((1 / (1 + np.exp(-out)) - y[at]) * w / w.sum()).astype(f)
            gh = np.outer(g, p[2]) * (pre > 0) * keep
            grads = (x.T @ gh + f(decay) * p[0], gh.sum(0), h.T @ g + f(decay) * p[2], g.sum(keepdims=True), x.T @ g + f(decay) * p[4])
            step += 1
            for k, grad in enumerate(grads):
                m[k] += f(0.1) * (grad - m[k])
                v[k] += f(0.001) * (grad * grad - v[k])
                p[k] -= lr * (m[k] / f(1 - 0.9**step)) / (np.sqrt(v[k] / f(1 - 0.999**step)) + f(1e-8))
    return p


def calibrate(odds, right, steps=50):
    """(a, b) such that a x odds + b are the log odds of being right, where odds are not hopeless."""
    at = odds > -3
    x, y = odds[at].astype(np.float64), right[at].astype(np.float64)
    a, b = 1.0, 0.0
    for _ in range(steps):
        p = 1 / (1 + np.exp(-(a * x + b)))
        g = np.array([((p - y) * x).sum(), (p - y).sum()])
        w = p * (1 - p)
        h = np.array([[(w * x * x).sum() + 1e-3, (w * x).sum()], [(w * x).sum(), w.sum() + 1e-3]])
        step = np.linalg.solve(h, g)
        a, b = a - step[0], b - step[1]
    return float(a), float(b)
