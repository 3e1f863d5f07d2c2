using System.Diagnostics;
using System.Text;

namespace Longwire.Conformance;

/// <summary>One case against one peer: opens the connection, lets the script work, ends the connection, and judges.</summary>
internal sealed partial class CaseRun : IAsyncDisposable
{
    private readonly List<Expectation> _expectations = [];
    private readonly List<Stream> _streams = [];
    private readonly CancellationTokenSource _limit;
    private Peer? _peer;
    private Http2Connection? _http2;
    private (Verdict Verdict, CloseVerdict CloseVerdict, string Detail, string CloseDetail)? _decided;
    private (Verdict Verdict, string Detail)? _behaviour;
    private bool _informational;

    public CaseRun(ConformanceCase conformanceCase, ConformanceOptions options, Subjects subject, CancellationToken cancellationToken)
    {
        Case = conformanceCase;
        Options = options;
        Subject = subject;
        Log = new(options.WireLogLines, options.WireLogOctets);
        _limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _limit.CancelAfter(conformanceCase.TimeLimit);
    }

    public ConformanceCase Case { get; }

    public ConformanceOptions Options { get; }

    public Subjects Subject { get; }

    public WireLog Log { get; }

    public CancellationToken Limit => _limit.Token;

    public bool SuiteIsClient => Subject != Subjects.Client;

    /// <summary>The server under test.</summary>
    public ServerTarget? Target { get; init; }

    /// <summary>The client under test.</summary>
    public ClientCall? Call { get; init; }

    public Peer Peer => _peer ?? throw new InvalidOperationException("The connection was not opened.");

    public CloseExpectation Close { get; set; } = CloseExpectation.Normal;

    /// <summary>Allows a course of events. The first is the one that the run waits for.</summary>
    public void Expect(Verdict verdict, string meaning, params PeerEvent[] events) => _expectations.Add(new(verdict, events, meaning));

    /// <summary>Allows a course of events that is right.</summary>
    public void ExpectOk(params PeerEvent[] events) => Expect(Verdict.Ok, "As expected.", events);

    /// <summary>The script has judged the behaviour by itself; the close is still judged as usual.</summary>
    public void DecideBehaviour(Verdict verdict, string detail) => _behaviour = (verdict, detail);

    /// <summary>The script has judged all.</summary>
    public void Decide(Verdict verdict, string detail, CloseVerdict closeVerdict = CloseVerdict.Ok, string closeDetail = "") =>
        _decided = (verdict, closeVerdict, detail, closeDetail.Length != 0 ? closeDetail : "Not a matter of this case.");

    /// <summary>The peer's behaviour is noted, not judged.</summary>
    public void OnlyNote() => _informational = true;

    public Task<bool> WaitAsync(Func<bool> condition, TimeSpan? timeout = null) =>
        Peer.Pulse.WaitAsync(condition, timeout ?? Options.Patience, Limit);

    public Task PauseAsync(TimeSpan? duration = null) => WaitAsync(() => !Peer.IsOpen, duration ?? Options.Pause);

    /// <summary>Waits for the peer to close or to end TCP.</summary>
    public Task<bool> WaitForEndAsync(TimeSpan? timeout = null) => WaitAsync(() => !Peer.IsOpen, timeout);

    public async Task<CaseResult> RunAsync()
    {
        long started = Stopwatch.GetTimestamp();
        try
        {
            await PlayAsync().WaitAsync(Case.TimeLimit + TimeSpan.FromSeconds(10));
        }
        catch (Exception exception) when (exception is OperationCanceledException or TimeoutException)
        {
            Decide(Verdict.Failed, $"The case did not come to an end within {Case.TimeLimit.TotalSeconds} s.", CloseVerdict.Failed);
        }
        catch (Exception exception)
            when (exception
                    is IOException
                        or System.Net.Sockets.SocketException
                        or HttpRequestException
                        or System.Security.Authentication.AuthenticationException
            )
        {
            Decide(Verdict.Failed, $"The connection could not be opened or was lost: {exception.Message}", CloseVerdict.Failed);
        }

        return Judge(Stopwatch.GetElapsedTime(started));
    }

    /// <summary>Ends the connection in the way that the case asks for: by the suite, or by waiting for the peer.</summary>
    public async Task ConcludeAsync()
    {
        Peer peer = Peer;
        if (Close.BySuite && !peer.CloseSent)
        {
            int count = _expectations.Count == 0 ? 0 : _expectations[0].Events.Count;
            await WaitAsync(() => !peer.IsOpen || peer.Violation is not null || peer.EventCount >= count);
        }
        else if (!Close.BySuite)
        {
            await WaitForEndAsync();
        }

        if (peer.IsOpen && !peer.CloseSent)
        {
            await peer.CloseAsync(Close.BySuite ? Close.Codes[0] : 1000);
        }

        await WaitForEndAsync();
        await EndTcpAsync(peer);
    }

    public async ValueTask DisposeAsync()
    {
        if (_peer is not null)
        {
            await _peer.DisposeAsync();
        }

        foreach (Stream stream in _streams)
        {
            await stream.DisposeAsync();
        }

        _http2?.Dispose();
        _limit.Dispose();
    }

    private async Task PlayAsync()
    {
        if (!Case.OwnHandshake && !await OpenAsCaseAsksAsync())
        {
            return;
        }

        await Case.Script(this);
        if (_decided is null && _peer is not null)
        {
            await ConcludeAsync();
        }
    }

    // The server ends TCP first (RFC 6455 §7.1.1): a server under test gets a little time for it, a client under test gets it from us.
    private async Task EndTcpAsync(Peer peer)
    {
        if (SuiteIsClient)
        {
            if (peer.CloseReceived && !peer.HasEnded)
            {
                await WaitAsync(() => peer.HasEnded, Options.DropGrace);
            }
        }
        else if (!peer.HasEnded)
        {
            await peer.EndOutputAsync();
            await WaitAsync(() => peer.HasEnded, Options.DropGrace);
        }

        await peer.DropAsync();
    }

    private CaseResult Judge(TimeSpan duration)
    {
        (Verdict verdict, CloseVerdict closeVerdict, string detail, string closeDetail) = _decided ?? JudgeWhatWasSeen();
        return new()
        {
            Case = Case,
            Verdict = verdict,
            CloseVerdict = closeVerdict,
            Detail = detail,
            CloseDetail = closeDetail,
            RemoteCloseCode = _peer?.CloseCode,
            RemoteCloseReason = _peer is null ? "" : Encoding.UTF8.GetString(_peer.CloseReason),
            Duration = duration,
            WireLog = Log.Lines(),
        };
    }

    private (Verdict Verdict, CloseVerdict CloseVerdict, string Detail, string CloseDetail) JudgeWhatWasSeen()
    {
        if (_peer is not { } peer)
        {
            return (Verdict.Failed, CloseVerdict.Failed, "The opening handshake was never completed.", "");
        }

        if (_expectations.Count == 0)
        {
            ExpectOk();
        }

        (Verdict verdict, string detail) = CaseJudge.JudgeBehaviour(peer, _expectations, Close);
        if (_behaviour is { } own && peer.Violation is null)
        {
            (verdict, detail) = own;
        }

        (CloseVerdict closeVerdict, string closeDetail) = CaseJudge.JudgeClose(peer, Close, SuiteIsClient);
        return _informational && peer.Violation is null
            ? (Verdict.Informational, CloseVerdict.Informational, $"{CaseJudge.Describe(peer.Events)}. {detail}", closeDetail)
            : (verdict, closeVerdict, detail, closeDetail);
    }
}
