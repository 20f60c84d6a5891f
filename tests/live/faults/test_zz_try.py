import sys, time, pytest, json
from live.faults.pair import *
from model_servers.faults import *
from fault_table import CLIS
from live.conftest import *
CASES = {
 "429once": (HttpError(status=429, retry_after=0),),
 "429ever": (HttpError(status=429, retry_after=0, times=None),),
 "401": (HttpError(status=401, times=None),),
 "500": (HttpError(status=500, times=None),),
 "cutclose": (CutOff(times=None),),
 "cutreset": (CutOff(how="reset", times=None),),
 "cutend": (CutOff(how="end", times=None),),
 "silence": (Silence(times=None),),
 "silhalf": (Silence(after="half", times=None),),
 "ok": (),
}
import os
cases = os.environ["CASES"].split(",")
vs = os.environ.get("VS", ",".join(CLIS)).split(",")
@pytest.mark.parametrize("case", cases)
@pytest.mark.parametrize("vendor", vs)
def test_it(vendor, case, model_server, clis, in_namespace, tmp_path):
    server = model_server(vendor, *scripts(*CASES[case]))
    sick = {"limits": {"timeout": "40s", "idle_timeout": "10s"}, "retries": {"rate_limit": 1, "provider_error": 1}}
    if case in ("silence", "silhalf"): sick["limits"] = {"timeout": "20s", "idle_timeout":"8s"}
    here = make_pair(tmp_path / "project", vendor, server.url, clis=clis, inside=in_namespace, sick=sick)
    t=time.time()
    done = here.pytest()
    print(f"#### {vendor} {case}: exit {done.returncode} {time.time()-t:.1f}s requests {requests(server)} healthy {here.row(HEALTHY)['status']} alive {here.alive()}")
    r = here.row()
    print("   ", r["status"], [(x["kind"], x["message"], x.get("line")) for x in r["reasons"]], r["exit_code"])
    k = here.kept()
    for f in sorted(k.rglob("*")):
        if f.is_file(): print("     ", f.relative_to(k), f.stat().st_size)
    print("      rec", here.recording().exists())
    for f in sorted(k.rglob("stream.jsonl")):
        print("     ", f.relative_to(k), *[x[:500] for x in f.read_text().splitlines()], sep="\n          ")
    for f in sorted(k.rglob("stderr.log")):
        print("     ", f.relative_to(k), f.read_text()[-700:])

def show(here, done, t, server=None):
    print(f"#### {here.vendor}: exit {done.returncode} {time.time()-t:.1f}s requests {requests(server) if server else None} healthy {here.row(HEALTHY)['status']} {here.kinds(HEALTHY)} alive {here.alive()}")
    r = here.row()
    print("   ", r["status"], r["reasons"], r["exit_code"], "rec", here.recording().exists())
    k = here.kept()
    for f in sorted(k.rglob("stream.jsonl")):
        print("     ", f.relative_to(k), *[x[:400] for x in f.read_text().splitlines()], sep="\n          ")
    for f in sorted(k.rglob("stderr.log")):
        print("     ", f.relative_to(k), f.read_text()[:1500])
    for f in sorted(k.rglob("version.*")):
        print("     ", f.relative_to(k), f.read_text()[:700])
    if done.returncode not in (0,1): print(done.stdout[-3000:], done.stderr[-2000:])

@pytest.mark.parametrize("vendor", vs)
def test_nokey(vendor, model_server, clis, in_namespace, tmp_path):
    server = model_server(vendor, *scripts())
    from model_servers.pointing import home_and_env, KEY
    names = [n for n, v in home_and_env(vendor, server.url).env.items() if v == KEY]
    here = make_pair(tmp_path / "project", vendor, server.url, clis=clis, inside=in_namespace, env={n: "" for n in names}, sick={"limits": {"timeout": "30s", "idle_timeout": "8s"}})
    t=time.time()
    show(here, here.pytest(), t, server)

@pytest.mark.parametrize("vendor", vs)
def test_refused(vendor, model_server, clis, in_namespace, tmp_path):
    here = make_pair(tmp_path / "project", vendor, "http://127.0.0.1:9", clis=clis, inside=in_namespace, sick={"limits": {"timeout": "30s", "idle_timeout": "8s"}}, healthy={"limits": {"timeout": "30s", "idle_timeout": "8s"}})
    t=time.time()
    show(here, here.pytest(), t)

@pytest.mark.parametrize("vendor", vs)
def test_flag(vendor, model_server, clis, in_namespace, tmp_path):
    server = model_server(vendor, *scripts())
    here = make_pair(tmp_path / "project", vendor, server.url, clis=clis, inside=in_namespace, sick={"vendors": {vendor: {"args": ["--no-such-flag"]}}})
    t=time.time()
    show(here, here.pytest(), t, server)
