using System.Diagnostics;
using System.Text;

namespace Longwire.Conformance;

/// <summary>One case against one peer: opens the connection, lets the script work, ends the connection, and judges.</summary>
internal sealed class CaseRun : IAsyncDisposable
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

    /// <summary>Whatever the peer does is noted, not judged.</summary>
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

    /// <summary>A raw connection to the server under test, for scripts that do the opening handshake themselves.</summary>
    public async Task<Stream> ConnectAsync()
    {
        Stream stream = await (Target ?? throw new InvalidOperationException("Not a server test.")).ConnectAsync(Limit);
        _streams.Add(stream);
        return stream;
    }

    public HandshakeRequest NewRequest() => HandshakeRequest.For(Target!.Uri, Options);

    /// <summary>Sends a request on a new connection and reads the head of the answer; null when none came.</summary>
    public async Task<(HttpHead? Answer, Stream Stream)> AskAsync(
        HandshakeRequest request,
        ReadOnlyMemory<byte> behind = default,
        TimeSpan? timeout = null
    )
    {
        Stream stream = await ConnectAsync();
        Log.Block("→", request.ToString());
        byte[] octets = [.. request.ToOctets(), .. behind.Span];
        try
        {
            await stream.WriteAsync(octets, Limit);
            await stream.FlushAsync(Limit);
        }
        catch (IOException)
        {
            // A server may have answered and gone before it has read all; the answer is still there.
        }

        HttpHead? answer = await HttpReader.ReadAsync(stream, timeout ?? Options.Patience, Limit);
        Log.Block("←", answer?.ToString() ?? "(no answer)");
        return (answer, stream);
    }

    /// <summary>Opens the WebSocket with a request of the script's own. Null, and decided, when that fails.</summary>
    public async Task<Peer?> OpenAsync(HandshakeRequest request, ReadOnlyMemory<byte> behind = default)
    {
        (HttpHead? answer, Stream stream) = await AskAsync(request, behind);
        if ((answer is null ? "The server did not answer the opening handshake." : HandshakeCheck.FaultIn(answer, request)) is { } fault)
        {
            Decide(Verdict.Failed, fault, CloseVerdict.Failed, "The opening handshake was never completed.");
            return null;
        }

        string? offers = request.Find(ExtensionHeader.HeaderName);
        return Attach(stream, offers, answer!);
    }

    /// <summary>Answers the calling client, and opens.</summary>
    public async Task<Peer> AcceptAsync(
        DeflateTerms? terms,
        HandshakeAnswer? custom = null,
        ReadOnlyMemory<byte> behind = default,
        int chopSize = 0
    )
    {
        ClientCall call = Call ?? throw new InvalidOperationException("Not a client test.");
        Log.Block("←", call.Request.ToString());
        (DeflateAgreement? agreement, string? header) = terms is null
            ? (null, null)
            : DeflateNegotiation.Answer(call.Request.Find(ExtensionHeader.HeaderName), terms);
        HandshakeAnswer answer = custom ?? HandshakeAnswer.For(call.Request);
        if (header is not null)
        {
            answer = answer.With(ExtensionHeader.HeaderName, header);
        }

        Log.Block("→", answer.ToString());

        byte[] octets = [.. Encoding.Latin1.GetBytes(answer.ToString()), .. behind.Span];
        int size = chopSize == 0 ? octets.Length : chopSize;
        for (int offset = 0; offset < octets.Length; offset += size)
        {
            await call.Stream.WriteAsync(octets.AsMemory(offset, Math.Min(size, octets.Length - offset)), Limit);
        }

        await call.Stream.FlushAsync(Limit);
        return Use(new(call.Stream, suiteIsClient: false, agreement, call.Request.Rest, Log, Case.Deflate?.Level ?? 6));
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

    private async Task<bool> OpenAsCaseAsksAsync()
    {
        if (Subject == Subjects.Client)
        {
            await AcceptAsync(Case.Deflate);
        }
        else if (Subject == Subjects.Http2Server)
        {
            if (!await OpenHttp2Async())
            {
                return false;
            }
        }
        else
        {
            HandshakeRequest request = NewRequest();
            if (Case.Deflate is { } terms)
            {
                request = request.With(ExtensionHeader.HeaderName, terms.ToHeader());
            }

            if (await OpenAsync(request) is null)
            {
                return false;
            }
        }

        if (Case.Deflate is null || Peer.Deflate is not null)
        {
            return true;
        }

        await Peer.CloseAsync(1000);
        await WaitForEndAsync();
        Decide(Verdict.Unimplemented, "The peer did not agree to permessage-deflate as offered.");
        return false;
    }

    private async Task<bool> OpenHttp2Async()
    {
        List<KeyValuePair<string, string>> headers = [new("Sec-WebSocket-Version", "13")];
        if (Case.Deflate is { } terms)
        {
            headers.Add(new(ExtensionHeader.HeaderName, terms.ToHeader()));
        }

        Log.Block(
            "→",
            "CONNECT "
                + Target!.Uri.PathAndQuery
                + " HTTP/2 :protocol=websocket\r\n"
                + string.Join("\r\n", headers.Select(h => $"{h.Key}: {h.Value}"))
        );
        _http2 = new(Target, Options);
        (HttpHead answer, Stream? stream) = await _http2.OpenAsync(headers, Limit);
        Log.Block("←", answer.ToString());
        if (stream is null)
        {
            Decide(Verdict.Failed, $"The server refused the extended CONNECT: {answer.FirstLine}.", CloseVerdict.Failed);
            return false;
        }

        return Attach(stream, Case.Deflate?.ToHeader(), answer) is not null;
    }

    /// <summary>
    /// Takes over a stream whose opening handshake was right, but for the extensions. Null, and decided, when those are wrong.
    /// </summary>
    public Peer? Attach(Stream stream, string? offers, HttpHead answer)
    {
        (DeflateAgreement? agreement, string? fault) = DeflateNegotiation.Take(offers, answer.Find(ExtensionHeader.HeaderName));
        if (fault is not null)
        {
            Decide(Verdict.Failed, fault, CloseVerdict.Failed, "The opening handshake was wrong.");
            return null;
        }

        return Use(new(stream, suiteIsClient: true, agreement, answer.Rest, Log, Case.Deflate?.Level ?? 6));
    }

    private Peer Use(Peer peer)
    {
        _peer = peer;
        peer.Start();
        return peer;
    }

    // The server ends TCP first (RFC 6455 §7.1.1): a server under test gets a little time for it, a client under test gets it from us.
    private async Task EndTcpAsync(Peer peer)
    {
        if (SuiteIsClient)
        {
            if (peer.CloseReceived && !peer.Ended)
            {
                await WaitAsync(() => peer.Ended, Options.DropGrace);
            }
        }
        else if (!peer.Ended)
        {
            await peer.EndOutputAsync();
            await WaitAsync(() => peer.Ended, Options.DropGrace);
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
