using System.Collections.Concurrent;

namespace Longwire.Conformance.Tests;

public sealed class ServerSuiteTests
{
    // A right peer gets all the time that a busy machine may need; it is seldom used up.
    private static readonly ConformanceOptions _patient = new()
    {
        Patience = TimeSpan.FromMinutes(2),
        Pause = TimeSpan.FromSeconds(10),
        DropGrace = TimeSpan.FromSeconds(30),
        SlowReading = TimeSpan.FromSeconds(8),
        DeflateMessages = 5,
        Parallelism = 64,
    };

    private static readonly ConformanceOptions _quick = _patient with
    {
        Patience = TimeSpan.FromSeconds(10),
        Pause = TimeSpan.FromSeconds(3),
        DropGrace = TimeSpan.FromSeconds(5),
        GiveUpWait = TimeSpan.FromSeconds(10),
    };

    [Fact]
    public async Task A_right_peer_is_OK_in_the_standard_cases()
    {
        ConformanceRun run = await RunAsync(EchoFault.None, "*", "!9.*", "!12.*", "!13.*", "!20.*", "!21.*");

        Assert.Equal(517 - 54 - 90 - 126, run.Results.Count);
        Assert.Empty(NotOk(run));
    }

    [Fact]
    public async Task A_right_peer_is_OK_with_compression_and_with_what_is_large()
    {
        ConformanceRun run = await RunAsync(
            EchoFault.None,
            "9.1.1",
            "9.3.8",
            "9.5.6",
            "9.7.1",
            "12.1.1",
            "12.2.5",
            "12.3.11",
            "12.5.8",
            "13.1.2",
            "13.2.3",
            "13.3.9",
            "13.5.8",
            "13.7.4",
            "20.6.51",
            "20.6.60"
        );

        Assert.Empty(NotOk(run));
    }

    [Fact]
    public async Task A_right_peer_is_OK_in_our_own_cases_of_frames_closes_and_text()
    {
        ConformanceRun run = await RunAsync(EchoFault.None, "20.5", "20.7", "!20.7.41", "!20.7.40", "20.10", "!20.10.4");

        Assert.Empty(NotOk(run));
    }

    [Fact]
    public async Task A_right_peer_is_OK_in_the_ways_to_end()
    {
        ConformanceRun run = await RunAsync(EchoFault.None, "21");

        Assert.InRange(run.Results.Count, 30, 40);
        Assert.Empty(NotOk(run));
    }

    // All at once, since most of them wait for what does not come.
    [Fact]
    public async Task Each_fault_is_found_by_the_cases_that_are_about_it()
    {
        ConcurrentQueue<string> wrong = new();
        await Parallel.ForEachAsync(
            EchoFaultVerdicts.All,
            new ParallelOptions { MaxDegreeOfParallelism = 64, CancellationToken = TestContext.Current.CancellationToken },
            async (expected, _) =>
            {
                ConformanceRun run = await RunAsync(expected.Fault, expected.Case);
                CaseResult result = run.Results.Single(r => r.Case.Id.ToString() == expected.Case);
                if ((result.Verdict, result.CloseVerdict) != (expected.Verdict, expected.CloseVerdict))
                {
                    wrong.Enqueue(
                        $"{expected}: {result.Verdict}, close {result.CloseVerdict}. {result.Detail} {result.CloseDetail}\n{string.Join('\n', result.WireLog)}"
                    );
                }
            }
        );

        Assert.Empty(wrong);
    }

    [Fact]
    public async Task A_peer_without_compression_does_not_implement_it()
    {
        CaseResult result = Assert.Single((await RunAsync(EchoFault.None, "20.6.50")).Results);
        Assert.Equal(Verdict.Ok, result.Verdict);

        await using EchoPeer peer = new(EchoFault.None);
        ConformanceCase asks = new("0", "", "", _ => Task.CompletedTask) { Deflate = new() { Header = "x-something-else" } };
        await using CaseRun run = new(asks, _quick, Subjects.Server, TestContext.Current.CancellationToken)
        {
            Target = new(peer.Uri, _quick),
        };

        Assert.Equal(Verdict.Unimplemented, (await run.RunAsync()).Verdict);
    }

    [Fact]
    public async Task The_sink_hears_of_each_case_once()
    {
        await using EchoPeer peer = new(EchoFault.None);
        RecordingSink sink = new();

        ConformanceRun run = await ServerSuite.RunAsync(
            peer.Uri,
            _quick with
            {
                Patterns = ["1.*"],
            },
            sink,
            TestContext.Current.CancellationToken
        );

        Assert.Equal(16, run.Results.Count);
        Assert.Equal(run.Results.Select(r => r.Case.Id), sink.Started.Order());
        Assert.Equal(run.Results.Select(r => r.Case.Id), sink.Finished.Order());
    }

    [Fact]
    public async Task Where_nobody_listens_there_is_no_run()
    {
        Uri uri;
        await using (EchoPeer peer = new(EchoFault.None))
        {
            uri = peer.Uri;
        }

        await Assert.ThrowsAsync<IOException>(() => ServerSuite.RunAsync(uri, cancellationToken: TestContext.Current.CancellationToken));
    }

    private static async Task<ConformanceRun> RunAsync(EchoFault fault, params string[] patterns)
    {
        await using EchoPeer peer = new(fault);
        return await ServerSuite.RunAsync(
            peer.Uri,
            (fault == EchoFault.None ? _patient : _quick) with
            {
                Patterns = patterns,
            },
            cancellationToken: TestContext.Current.CancellationToken
        );
    }

    private static IEnumerable<string> NotOk(ConformanceRun run) =>
        run
            .Results.Where(r => !r.IsStrictlyOk)
            .Select(r => $"{r.Case.Id} {r.Verdict.ToName()} {r.CloseVerdict.ToName()} {r.Detail} {r.CloseDetail}");

    private sealed class RecordingSink : IConformanceSink
    {
        public List<CaseId> Started { get; } = [];

        public List<CaseId> Finished { get; } = [];

        public void OnStarted(ConformanceCase conformanceCase) => Started.Add(conformanceCase.Id);

        public void OnFinished(CaseResult result) => Finished.Add(result.Case.Id);
    }
}
