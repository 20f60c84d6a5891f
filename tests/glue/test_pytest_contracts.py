"""What this package leans on in pytest and xdist without a documented promise; each test fails when one of it moves."""

from __future__ import annotations

import pytest


def test_lfplugin_keeps_its_failures_in_a_dict_by_the_id_of_the_report(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        import pytest
        keys = []
        def pytest_runtest_logreport(report):
            if report.when == "call":
                keys.append(getattr(report, "id", report.nodeid))
        @pytest.hookimpl(tryfirst=True)
        def pytest_sessionfinish(session):
            plugin = session.config.pluginmanager.get_plugin("lfplugin")
            assert isinstance(plugin.lastfailed, dict)
            print("same key:", list(plugin.lastfailed) == keys)
        """
    )
    pytester.makepyfile("def test_it(): assert False")
    pytester.runpytest_subprocess("-s").stdout.fnmatch_lines(["*same key: True*"])


def test_a_parameter_may_be_added_to_a_test_that_does_not_name_it(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        import pytest
        def pytest_generate_tests(metafunc):
            metafunc.fixturenames.append("extra")
            metafunc.parametrize("extra", [1, 2], ids=["one", "two/x"], indirect=True)
        @pytest.fixture
        def extra(request):
            return request.param
        """
    )
    pytester.makepyfile("def test_it(request): assert request.node.callspec.params['extra'] in (1, 2)")
    result = pytester.runpytest_subprocess("-v")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["*::test_it[[]two/x[]]*"])


def test_a_crash_is_reported_by_the_controller_with_a_phase_of_its_own(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        def pytest_runtest_logreport(report):
            if report.failed:
                print("phase", report.when, report.nodeid)
        """
    )
    pytester.makepyfile("import os\ndef test_it(): os._exit(3)")
    result = pytester.runpytest_subprocess("-n", "1", "-s")
    result.stdout.fnmatch_lines(
        ["*phase ??? test_a_crash_is_reported_by_the_controller_with_a_phase_of_its_own.py::test_it"]
    )


def test_attributes_of_reports_and_channels_in_workerinput_arrive(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        import pytest
        def pytest_configure(config):
            if hasattr(config, "workerinput"):
                config.pluginmanager.register(Worker(config.workerinput["channel"]))
            else:
                config.pluginmanager.register(Controller())
        class Worker:
            def __init__(self, channel): self.channel = channel
            @pytest.hookimpl(tryfirst=True)
            def pytest_collection_finish(self, session): self.channel.send({"ids": len(session.items)})
            @pytest.hookimpl(wrapper=True)
            def pytest_runtest_makereport(self, item, call):
                report = yield
                report.extra = {"a": (1, None, "x"), "b": {"c": 1.5}}
                return report
        class Controller:
            channels = []
            plan = []
            @pytest.hookimpl(optionalhook=True)
            def pytest_configure_node(self, node):
                channel = node.gateway.newchannel()
                channel.setcallback(self.plan.append)
                self.channels.append(channel)
                node.workerinput["channel"] = channel
            @pytest.hookimpl(optionalhook=True)
            def pytest_xdist_node_collection_finished(self, node, ids):
                print("plan is here:", len(self.plan) >= 1)
            def pytest_runtest_logreport(self, report):
                if report.when == "call":
                    print("extra:", report.extra)
        """
    )
    pytester.makepyfile("def test_it(): pass")
    result = pytester.runpytest_subprocess("-n", "1", "-s")
    result.stdout.fnmatch_lines(["*plan is here: True*", "*extra: {'a': (1, None, 'x'), 'b': {'c': 1.5}}*"])


def test_skipped_and_failed_may_be_subclassed(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest
        class Failed(pytest.fail.Exception): pass
        class Skipped(pytest.skip.Exception): pass
        def test_failed(): raise Failed("the reason alone", pytrace=False)
        def test_skipped(): raise Skipped("why")
        """
    )
    result = pytester.runpytest_subprocess("-rs")
    result.assert_outcomes(failed=1, skipped=1)
    result.stdout.fnmatch_lines(["the reason alone"])
    result.stdout.no_fnmatch_line("*raise Failed*")


def test_the_reports_of_an_item_that_is_run_silently_are_heard_by_nobody(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        import pytest
        from pytest_subagents.glue.private_names import run_silently
        @pytest.hookimpl(tryfirst=True)
        def pytest_runtest_protocol(item, nextitem):
            if item.name == "test_it":
                print("phases", [(report.when, report.outcome) for report in run_silently(item, nextitem)])
                return True
        def pytest_runtest_logreport(report):
            print("heard", report.nodeid.split("::")[1])
        """
    )
    pytester.makepyfile("def test_it(): assert False\ndef test_other(): pass")
    result = pytester.runpytest_subprocess("-s")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(
        ["*phases [[]('setup', 'passed'), ('call', 'failed'), ('teardown', 'passed')]", "*heard test_other*"]
    )
    result.stdout.no_fnmatch_line("*heard test_it*")


@pytest.mark.parametrize("how", [["-n", "2"], ["--dist=load", "--tx=2*popen"], ["-d", "--tx=popen"], []])
def test_xdist_can_be_told_to_leave_a_run_to_this_process(pytester: pytest.Pytester, how: list[str]) -> None:
    pytester.makeconftest(
        """
        import pytest
        from pytest_subagents.glue.private_names import run_here
        @pytest.hookimpl(tryfirst=True)
        def pytest_configure(config):
            run_here(config)
        """
    )
    pytester.makepyfile("def test_it(request): assert not hasattr(request.config, 'workerinput')")
    pytester.runpytest_subprocess(*how).assert_outcomes(passed=1)


SCHEDULER = """
import threading
from pytest_subagents.glue.private_names import hand_over, wake_scheduler

class One:
    def __init__(self, config):
        self.config, self.nodes_, self.left, self.ran, self.woken = config, [], None, [], []
    nodes = property(lambda self: list(self.nodes_))
    collection_is_completed = property(lambda self: self.left is not None)
    tests_finished = property(lambda self: self.left == 0)
    has_pending = property(lambda self: bool(self.left))
    def add_node(self, node): self.nodes_.append(node)
    def remove_node(self, node): self.nodes_.remove(node)
    def add_node_collection(self, node, collection): self.left = len(collection)
    def schedule(self): hand_over(self.nodes_[0], [2, 3])
    def mark_test_complete(self, node, item_index, duration=0):
        if item_index == 3: return
        self.ran.append(item_index)
        self.left -= 1
        print("ran", self.ran, isinstance(duration, float))
        threading.Thread(target=lambda: wake_scheduler(node)).start()
    def mark_test_pending(self, item): raise AssertionError("no worker has died")
    def remove_pending_tests_from_node(self, node, indices):
        self.woken.append((threading.current_thread() is threading.main_thread(), node in self.nodes_, list(indices)))
        print("woken", self.woken[-1])
        if self.left and len(self.woken) == len(self.ran):
            hand_over(node, [self.left - 1, 3])

def pytest_xdist_make_scheduler(config, log):
    return One(config)
"""
WORKER = """
import pytest

class Idle(pytest.Item):
    def runtest(self): pass

@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_finish(session):
    yield
    session.items.append(Idle.from_parent(session, name="idle"))
"""


def test_a_scheduler_hands_over_items_by_index_and_is_woken_in_its_own_thread(pytester: pytest.Pytester) -> None:
    """Also one that the worker has added to its items after it told what it had collected. The item before the last one
    that was handed over runs at once."""
    pytester.makeconftest(SCHEDULER + WORKER)
    pytester.makepyfile("import pytest\n@pytest.mark.parametrize('n', range(3))\ndef test_it(n): pass")
    result = pytester.runpytest_subprocess("-n", "1", "-s")
    result.stdout.fnmatch_lines(["*ran [[]2] True", "*woken (True, True, [[]])", "*ran [[]2, 1] True"])
    result.stdout.fnmatch_lines(["*ran [[]2, 1, 0] True"])
    assert result.ret == pytest.ExitCode.OK
