"""StatsD in, Prometheus out."""

from __future__ import annotations

import asyncio
import socket
import urllib.request

import metrics as exporter
from metrics import MOST_SERIES, Metrics


def told(*lines: str) -> str:
    metrics = Metrics()
    for line in lines:
        metrics.tell(line.encode())
    return metrics.text()


def test_counters_add_up_gauges_are_set_timings_are_summed():
    text = told(
        "airflow.ti.start,dag_id=a,task_id=t:1|c",
        "airflow.ti.start,task_id=t,dag_id=a:2|c\nairflow.pool.open_slots,pool_name=default:128|g",
        "airflow.pool.open_slots,pool_name=default:-2|g",
        "airflow.task.duration,dag_id=a:1500|ms",
        "airflow.task.duration,dag_id=a:500|ms",
        "airflow.sampled:1|c|@0.5",
    )
    assert 'airflow_ti_start_total{dag_id="a",task_id="t"} 3.0' in text
    assert 'airflow_pool_open_slots{pool_name="default"} 126.0' in text
    assert 'airflow_task_duration_seconds_sum{dag_id="a"} 2.0' in text
    assert 'airflow_task_duration_seconds_count{dag_id="a"} 2' in text
    assert "airflow_sampled_total 2.0" in text
    assert text.count("# TYPE airflow_ti_start_total counter") == 1


def test_what_is_no_metric_is_counted_and_nothing_else():
    text = told("", "nonsense", "a:b|c", "a:1|x", ":1|c", "\x00")
    assert "airflow_statsd_malformed_total 5" in text
    assert "nonsense" not in text


def test_labels_are_escaped():
    assert 'a_total{_1="x\\"y\\\\z"} 1.0' in told('a,1=x"y\\z:1|c')


def test_series_are_bounded():
    text = told("\n".join(f"a,n={number}:1|c" for number in range(MOST_SERIES + 7)), "a,n=1:1|c")
    assert "airflow_statsd_dropped_total 7" in text
    assert 'a_total{n="1"} 2.0' in text
    assert text.count("\na_total{") == MOST_SERIES


def test_it_is_served():
    async def scrape() -> str:
        ports = []
        for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
            with socket.socket(socket.AF_INET, kind) as free:
                free.bind((exporter.HOST, 0))
                ports.append(free.getsockname()[1])
        serving = asyncio.create_task(exporter.serve(*ports))
        try:
            while True:
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                    sender.sendto(b"airflow.told:1|c", (exporter.HOST, ports[0]))
                try:
                    text = await asyncio.to_thread(_get, f"http://{exporter.HOST}:{ports[1]}/metrics")
                except OSError:
                    continue
                if "airflow_told_total" in text:
                    return text
        finally:
            serving.cancel()

    text = asyncio.run(asyncio.wait_for(scrape(), 20))
    assert text.startswith("# TYPE airflow_told_total counter\nairflow_told_total ")


def _get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310
        return answer.read().decode()
