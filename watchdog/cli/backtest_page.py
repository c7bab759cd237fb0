"""The backtest as one HTML page: a table and a plot per path. No script, nothing fetched."""

import sys
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree as ET

import pygal
from jinja2 import Environment
from markupsafe import Markup
from pygal.style import Style

from watchdog.detection.backtest import Outcome

# pygal 3.1 leaves an import hook of Python 2's kind behind, for plugins that we do not use; every later
# import of the process would warn of it
sys.meta_path[:] = [h for h in sys.meta_path if type(h).__name__ != "PluginImportFixer"]
SVG = "{http://www.w3.org/2000/svg}"
MOST_POINTS = 1500
HEADROOM = 1.25
"""The plot ends so far above the highest limit: beyond it a line says no more, and hides the limits."""
STYLE = Style(
    background="white",
    plot_background="white",
    font_family="sans-serif",
    label_font_size=11,
    legend_font_size=12,
    colors=(
        *("#005a9c", "#b3261e", "#2e7d32", "#7b5800", "#5b3a9e", "#006a6a"),
        *("#a1458f", "#4d6b00", "#c75000", "#3f51b5", "#5d4037", "#00838f"),
    ),
)
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Backtest</title><style>
body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;color:#1a1a1a}
table{border-collapse:collapse;margin:1rem 0}th,td{padding:.3rem .8rem;border-bottom:1px solid #ccc;
text-align:right}th:first-child,td:first-child{text-align:left}figure{margin:1rem 0}svg{width:100%;
height:auto}li{margin:.2rem 0}caption{text-align:left;font-weight:600}</style></head><body>
<h1>Backtest</h1>
<p>Recorded observations, run again through the detector under each choice. Evidence is in nats: the
higher the limit, the rarer a false declaration, and the later a true one.</p>
{% for path, outcomes, plot in paths %}<section><h2>{{ path }}</h2>
<p>{{ "%.1f"|format(outcomes[0].seconds / 3600) }} hours recorded.</p>
<table><caption>What would have happened</caption><tr><th>Choice</th><th>Limit, nats</th><th>Declared
</th><th>Suspected</th><th>In outage, min</th><th>Orders a day</th></tr>
{% for o in outcomes %}<tr><td>{{ o.variant }}</td><td>{{ "%.1f"|format(o.limit_nats) }}</td>
<td>{{ o.declared|length }}</td><td>{{ o.suspected }}</td><td>{{ "%.1f"|format(o.outage_s / 60) }}</td>
<td>{{ "%.0f"|format(o.probes_per_day) }}</td></tr>{% endfor %}</table>
<figure>{{ plot }}<figcaption>Greatest evidence in each 30 s, cut off above the highest limit. A
line that crosses its own limit is a declaration.</figcaption></figure>
{% for o in outcomes if o.declared %}<h3>{{ o.variant }}</h3><ol>{% for t in o.declared %}
<li>{{ when(t.t) }} – {{ t.because.en }}</li>{% endfor %}</ol>{% endfor %}</section>{% endfor %}
</body></html>
"""


def render(found: dict[str, list[Outcome]]) -> str:
    """The page."""
    environment = Environment(autoescape=True)
    paths = [(path, outcomes, _plot(outcomes)) for path, outcomes in found.items() if outcomes]
    return environment.from_string(PAGE).render(paths=paths, when=_when)


def _when(t: float) -> str:
    return f"{datetime.fromtimestamp(t, UTC):%Y-%m-%d %H:%M:%S}Z"


def _plot(outcomes: list[Outcome]) -> Markup:
    chart: Any = pygal.XY(
        style=STYLE,
        js=(),
        dots_size=0,
        height=360,
        x_title="minutes from the start",
        y_title="nats",
        legend_at_bottom=True,
        legend_at_bottom_columns=3,
        show_y_guides=False,
        truncate_legend=-1,
        explicit_size=False,
    )
    top = HEADROOM * max(outcome.limit_nats for outcome in outcomes)
    by_cadence = {outcome.variant.cadence.name: outcome for outcome in outcomes}
    for name, outcome in by_cadence.items():
        step = max(1, len(outcome.evidence) // MOST_POINTS)
        points = [(at / 60, min(nats, top)) for at, nats in outcome.evidence[::step]]
        chart.add(f"evidence, {name}", points)
    end = max(outcome.seconds for outcome in outcomes) / 60
    for outcome in outcomes:
        line = [(0, outcome.limit_nats), (end, outcome.limit_nats)]
        chart.add(f"limit, {outcome.variant}", line, stroke_style={"dasharray": "4, 4"})
    drawing = ET.fromstring(chart.render())  # noqa: S314 - made a line above
    for parent in drawing.iter():
        for child in [c for c in parent if c.tag == f"{SVG}script"]:
            parent.remove(child)  # pygal leaves one even without scripts
    ET.register_namespace("", SVG.strip("{}"))
    return Markup(ET.tostring(drawing, encoding="unicode"))  # noqa: S704 - numbers and our own words
