namespace Longwire.Conformance;

/// <summary>The steps that the cases about the opening handshake share: ask, and judge the answer by its status.</summary>
internal static class Upgrade
{
    public static Func<HandshakeRequest, HandshakeRequest> As { get; } = request => request;

    /// <summary>The upgrade must not happen. One of these statuses is right (none given: any but 101).</summary>
    public static ConformanceCase Refused(
        string id,
        string description,
        Func<HandshakeRequest, HandshakeRequest> change,
        int[] right,
        string? header = null,
        string section = "RFC 6455 §4.2.1"
    ) =>
        new(
            id,
            description,
            $"No upgrade: {Names(right)}.",
            async run =>
            {
                (HttpHead? answer, _) = await run.AskAsync(change(run.NewRequest()));
                Judge(run, answer, right, Verdict.Failed, header);
            }
        )
        {
            Subjects = Subjects.Server,
            OwnHandshake = true,
            Section = section,
        };

    /// <summary>A strict server refuses; a server that opens a right connection all the same is not strict.</summary>
    public static ConformanceCase RefusedIfStrict(
        string id,
        string description,
        Func<HandshakeRequest, HandshakeRequest> change,
        int[] right,
        string section = "RFC 6455 §4.2.1"
    ) =>
        new(
            id,
            description,
            $"No upgrade: {Names(right)}; an upgrade is not strict.",
            async run =>
            {
                HandshakeRequest request = change(run.NewRequest());
                (HttpHead? answer, _) = await run.AskAsync(request);
                bool wrong = answer is { Status: 101 } && HandshakeCheck.FaultIn(answer, request) is not null;
                Judge(run, answer, right, wrong ? Verdict.Failed : Verdict.NonStrict, null);
            }
        )
        {
            Subjects = Subjects.Server,
            OwnHandshake = true,
            Section = section,
        };

    /// <summary>The upgrade has to happen and the connection to work.</summary>
    public static ConformanceCase Accepted(
        string id,
        string description,
        Func<HandshakeRequest, HandshakeRequest> change,
        Func<HttpHead, string?>? check = null,
        string section = "RFC 6455 §4.2"
    ) =>
        new(id, description, "The connection opens and echoes.", run => OpenAndEchoAsync(run, change, check, Verdict.Failed))
        {
            Subjects = Subjects.Server,
            OwnHandshake = true,
            Section = section,
        };

    /// <summary>A strict server upgrades; one that refuses is not strict.</summary>
    public static ConformanceCase AcceptedIfStrict(
        string id,
        string description,
        Func<HandshakeRequest, HandshakeRequest> change,
        string section
    ) =>
        new(
            id,
            description,
            "The connection opens and echoes; a refusal is not strict.",
            run => OpenAndEchoAsync(run, change, null, Verdict.NonStrict)
        )
        {
            Subjects = Subjects.Server,
            OwnHandshake = true,
            Section = section,
        };

    /// <summary>Judges an answer that should be a refusal.</summary>
    public static void Judge(CaseRun run, HttpHead? answer, int[] right, Verdict ifOpened, string? header)
    {
        if (answer is null)
        {
            run.Decide(Verdict.NonStrict, "The server ended TCP, or said nothing, without an answer.");
        }
        else if (answer.Status == 101)
        {
            run.Decide(ifOpened, "The server opened the connection.");
        }
        else if (header is not null && answer.Find(header) is null)
        {
            run.Decide(Verdict.Failed, $"The server refused ({answer.FirstLine}) without the header {header}, which has to be there.");
        }
        else if (right.Length == 0 || right.Contains(answer.Status))
        {
            run.Decide(Verdict.Ok, $"Refused: {answer.FirstLine}.");
        }
        else
        {
            run.Decide(Verdict.NonStrict, $"Refused with {answer.Status}; {Names(right)} says what it is.");
        }
    }

    private static async Task OpenAndEchoAsync(
        CaseRun run,
        Func<HandshakeRequest, HandshakeRequest> change,
        Func<HttpHead, string?>? check,
        Verdict ifRefused
    )
    {
        HandshakeRequest request = change(run.NewRequest());
        (HttpHead? answer, Stream stream) = await run.AskAsync(request);
        if (answer is { Status: >= 400 })
        {
            run.Decide(ifRefused, $"The server refused the upgrade: {answer.FirstLine}.");
            return;
        }

        if ((answer is null ? "The server did not answer." : HandshakeCheck.FaultIn(answer, request) ?? check?.Invoke(answer)) is { } fault)
        {
            run.Decide(Verdict.Failed, fault, CloseVerdict.Failed, "The opening handshake was never completed.");
            return;
        }

        if (run.Attach(stream, request.Find(ExtensionHeader.HeaderName), answer!) is not { } peer)
        {
            return;
        }

        run.ExpectOk(PeerEvent.Text("Hello"));
        await peer.SendAsync(WireFrame.OfText("Hello"));
    }

    private static string Names(int[] right) => right.Length == 0 ? "any status but 101" : string.Join(" or ", right);
}
