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
