using System.Text;

namespace Longwire.Conformance;

// The opening handshake, as the case asks for it or as its script does it.
internal sealed partial class CaseRun
{
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
        TimeSpan? timeout = null,
        bool ends = false
    )
    {
        Stream stream = await ConnectAsync();
        Log.Block("→", request.ToString());
        byte[] octets = [.. request.ToOctets(), .. behind.Span];
        try
        {
            await (ends ? StreamEnds.WriteAndEndAsync(stream, octets, Limit) : stream.WriteAsync(octets, Limit).AsTask());
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
        int chopSize = 0,
        bool ends = false,
        bool closeSent = false
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
        for (int offset = 0; !ends && offset < octets.Length; offset += size)
        {
            await call.Stream.WriteAsync(octets.AsMemory(offset, Math.Min(size, octets.Length - offset)), Limit);
        }

        await (ends ? StreamEnds.WriteAndEndAsync(call.Stream, octets, Limit) : call.Stream.FlushAsync(Limit));
        return Use(new(call.Stream, suiteIsClient: false, agreement, call.Request.Rest, Log, Case.Deflate?.Level ?? 6, closeSent));
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
        if (Case.EndsStream)
        {
            return await OpenHttp2ByHandAsync([.. headers, .. Options.Headers]);
        }

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

    private async Task<bool> OpenHttp2ByHandAsync(List<KeyValuePair<string, string>> headers)
    {
        if (Options.Origin is { } origin)
        {
            headers.Add(new("Origin", origin));
        }

        Stream connection = await Target!.ConnectAsync(Limit, http2: true);
        (int status, Http2Stream? stream) = await Http2Stream.OpenAsync(connection, Target.Uri, headers, Options.Patience, Limit);
        Log.Block("←", $"HTTP/2 {status}");
        if (stream is null)
        {
            Decide(Verdict.Failed, "The server refused the extended CONNECT.", CloseVerdict.Failed);
            return false;
        }

        return Attach(stream, null, new HttpHead("HTTP/2 200", [], [])) is not null;
    }

    /// <summary>
    /// Takes over a stream whose opening handshake was right, but for the extensions. Null, and decided, when those are wrong.
    /// </summary>
    public Peer? Attach(Stream stream, string? offers, HttpHead answer, bool closeSent = false)
    {
        (DeflateAgreement? agreement, string? fault) = DeflateNegotiation.Take(offers, answer.Find(ExtensionHeader.HeaderName));
        if (fault is not null)
        {
            Decide(Verdict.Failed, fault, CloseVerdict.Failed, "The opening handshake was wrong.");
            return null;
        }

        return Use(new(stream, suiteIsClient: true, agreement, answer.Rest, Log, Case.Deflate?.Level ?? 6, closeSent));
    }

    private Peer Use(Peer peer)
    {
        _peer = peer;
        peer.Start();
        return peer;
    }
}
