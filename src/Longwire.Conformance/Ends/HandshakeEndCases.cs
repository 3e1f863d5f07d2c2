namespace Longwire.Conformance;

/// <summary>21.3 and 21.4: an end that comes together with the opening handshake, of the client's side and of the server's.</summary>
internal static class HandshakeEndCases
{
    public static IEnumerable<ConformanceCase> All() => [.. OfClients(), .. OfServers()];

    private static IEnumerable<ConformanceCase> OfClients()
    {
        WireFrame close = WireFrame.OfClose(1000);
        yield return Server("21.3.1", "The request, Close", "101, and the Close is answered.", run => AskAndEndAsync(run, [close]));
        yield return Server(
            "21.3.2",
            "The request, 5 texts, Close",
            "101, all come back, then the Close.",
            run => AskAndEndAsync(run, [.. Ends.Texts(5), close])
        );
        yield return Server(
            "21.3.3",
            "The request, 5 texts",
            "101, all come back, and the server ends TCP. Less is not strict.",
            run => AskAndEndAsync(run, Ends.Texts(5))
        );
        yield return Server(
            "21.3.4",
            "The request",
            "101, and the server ends TCP. No answer is not strict.",
            run => AskAndEndAsync(run, [])
        );
        yield return Server(
            "21.3.5",
            "Half of the request",
            "The server ends TCP, with or without a refusal.",
            async run =>
            {
                Stream stream = await run.ConnectAsync();
                byte[] octets = run.NewRequest().ToOctets();
                await StreamEnds.WriteAndEndAsync(stream, octets.AsMemory(0, octets.Length / 2), run.Limit);
                run.Log.Note("half of a request, and the end of the suite's output");
                HttpHead? answer = await HttpReader.ReadAsync(stream, run.Options.GiveUpWait, run.Limit);
                bool ended = await EndsAsync(stream, run);
                run.Decide(
                    answer is { Status: 101 } ? Verdict.Failed
                        : ended ? Verdict.Ok
                        : Verdict.NonStrict,
                    answer is { Status: 101 } ? "The server opened the connection."
                        : ended ? $"The server ended TCP ({answer?.FirstLine ?? "no answer"})."
                        : $"The server still held TCP open {run.Options.GiveUpWait.TotalSeconds:F0} s later."
                );
            }
        );
    }

    private static IEnumerable<ConformanceCase> OfServers()
    {
        WireFrame close = WireFrame.OfClose(1000);
        yield return Client("21.4.1", "101, Close", "The Close is answered.", run => AnswerAndEndAsync(run, [close]));
        yield return Client(
            "21.4.2",
            "101, 5 texts, Close",
            "All come back, then the Close.",
            run => AnswerAndEndAsync(run, [.. Ends.Texts(5), close])
        );
        yield return Client(
            "21.4.3",
            "101, 5 texts",
            "All come back, and the client ends TCP. Less is not strict.",
            run => AnswerAndEndAsync(run, Ends.Texts(5))
        );
        yield return Client("21.4.4", "101", "The client ends TCP.", run => AnswerAndEndAsync(run, []));
        yield return Client("21.4.5", "Half of the 101", "The client ends TCP.", run => AnswerInPartAndEndAsync(run, whole: false));
        yield return Client("21.4.6", "No answer", "The client ends TCP.", run => AnswerInPartAndEndAsync(run, whole: true));
    }

    private static async Task AskAndEndAsync(CaseRun run, WireFrame[] frames)
    {
        HandshakeRequest request = run.NewRequest();
        bool closes = frames is [.., { Opcode: WireFrame.Close }];
        (HttpHead? answer, Stream stream) = await run.AskAsync(request, Octets(frames, masked: true), ends: true);
        if (answer is null)
        {
            run.Decide(
                Verdict.NonStrict,
                "A whole request was not answered: the server took the end of the output for the client's leaving."
            );
        }
        else if (HandshakeCheck.FaultIn(answer, request) is { } fault)
        {
            run.Decide(Verdict.Failed, fault, CloseVerdict.Failed, "The opening handshake was never completed.");
        }
        else if (run.Attach(stream, null, answer, closeSent: closes) is not null)
        {
            await JudgeAsync(run, frames, closes);
        }
    }

    private static async Task AnswerAndEndAsync(CaseRun run, WireFrame[] frames)
    {
        bool closes = frames is [.., { Opcode: WireFrame.Close }];
        await run.AcceptAsync(null, behind: Octets(frames, masked: false), ends: true, closeSent: closes);
        await JudgeAsync(run, frames, closes);
    }

    private static async Task JudgeAsync(CaseRun run, WireFrame[] frames, bool closes)
    {
        if (!closes)
        {
            await Ends.JudgeEndWithoutCloseAsync(run, Ends.EchoOf(frames));
            return;
        }

        run.ExpectOk(Ends.EchoOf(frames));
        run.Close = CloseExpectation.Normal with { OrderlyEnd = true };
    }

    private static async Task AnswerInPartAndEndAsync(CaseRun run, bool whole)
    {
        Stream stream = run.Call!.Stream;
        byte[] octets = whole ? [] : "HTTP/1.1 101 Switching Protocols\r\nUpgrade: webso"u8.ToArray();
        await StreamEnds.WriteAndEndAsync(stream, octets, run.Limit);
        run.Log.Note("the suite ends its output instead of an answer");
        bool ended = await EndsAsync(stream, run);
        run.Decide(
            ended ? Verdict.Ok : Verdict.NonStrict,
            ended ? "The client ended TCP." : $"The client still held TCP open {run.Options.GiveUpWait.TotalSeconds:F0} s later."
        );
    }

    // Messages before the end don't matter: the end counts.
    private static async Task<bool> EndsAsync(Stream stream, CaseRun run)
    {
        using CancellationTokenSource timer = CancellationTokenSource.CreateLinkedTokenSource(run.Limit);
        timer.CancelAfter(run.Options.GiveUpWait);
        byte[] buffer = new byte[4096];
        try
        {
            while (await stream.ReadAsync(buffer, timer.Token) > 0) { }

            return true;
        }
        catch (IOException)
        {
            return true;
        }
        catch (OperationCanceledException) when (!run.Limit.IsCancellationRequested)
        {
            return false;
        }
    }

    private static byte[] Octets(WireFrame[] frames, bool masked)
    {
        System.Buffers.ArrayBufferWriter<byte> octets = new();
        foreach (WireFrame frame in frames)
        {
            FrameEncoder.Write(octets, frame, masked);
        }

        return octets.WrittenSpan.ToArray();
    }

    private static ConformanceCase Server(string id, string what, string expectation, Func<CaseRun, Task> script) =>
        Case(id, what, expectation, script, Subjects.Server);

    private static ConformanceCase Client(string id, string what, string expectation, Func<CaseRun, Task> script) =>
        Case(id, what, expectation, script, Subjects.Client);

    private static ConformanceCase Case(string id, string what, string expectation, Func<CaseRun, Task> script, Subjects subjects) =>
        new(id, $"{what} and the end of the output in one go.", expectation, script)
        {
            Section = "RFC 6455 §4, §7.1.1",
            OwnHandshake = true,
            Subjects = subjects,
        };
}
