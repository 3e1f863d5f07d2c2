namespace Longwire.Fuzzing;

/// <summary>A plan: the first bytes of an input set the connection up, the rest are its steps.</summary>
internal sealed class EndingPlan
{
    public const int HeaderBytes = 6;
    public const int BytesOfAStep = 2;
    public const int MostSteps = 120;
    public const int Kinds = 32;

    public EndingPlan(byte[] input)
    {
        var reader = new InputReader(input);
        byte flags = reader.Byte();
        Role = (flags & 1) != 0 ? WebSocketRole.Server : WebSocketRole.Client;
        Reads = (flags & 2) != 0;
        Answers = (flags & 4) != 0;
        ShowsProgress = (flags & 8) != 0;
        SendBufferBytes = (reader.Byte() % 4) switch
        {
            0 => 1,
            1 => 200,
            2 => 4_000,
            _ => 1 << 20,
        };
        int queue = (reader.Byte() % 3) switch
        {
            0 => 1,
            1 => 2_000,
            _ => 1 << 20,
        };
        int inbox = (reader.Byte() % 3) switch
        {
            0 => 1,
            1 => 500,
            _ => 1 << 20,
        };
        HasRoomToReceive = inbox == 1 << 20;
        Options = new WebSocketConnectionOptions
        {
            SendQueueBytes = queue,
            ReceiveQueueBytes = inbox,
            PingInterval = Timeout.InfiniteTimeSpan,
            // Some chances more for the judge: none of the steps may be a matter of these.
            MaxMessageBytes = 1 << 20,
        };
        reader.Bytes(HeaderBytes - 4);
        while (!reader.AtEnd && Steps.Count < MostSteps)
        {
            Steps.Add(((EndingStep)(reader.Byte() % Kinds), reader.Byte()));
        }
    }

    public WebSocketRole Role { get; }

    /// <summary>Whether messages are read; else a handler is called.</summary>
    public bool Reads { get; }

    /// <summary>Whether the application answers each message.</summary>
    public bool Answers { get; }

    /// <summary>Whether the transport can tell how far the peer has come.</summary>
    public bool ShowsProgress { get; }

    /// <summary>How much the transport takes before the peer does.</summary>
    public int SendBufferBytes { get; }

    /// <summary>Whether whatever comes fits into what waits to be read.</summary>
    public bool HasRoomToReceive { get; }

    public WebSocketConnectionOptions Options { get; }

    public List<(EndingStep Step, byte Argument)> Steps { get; } = [];
}

/// <summary>The steps. Those that are not named here deliver all that the peer has sent, so that most runs get somewhere.</summary>
internal enum EndingStep : byte
{
    PeerSends,
    PeerSendsMuch,
    PeerSendsAFragment,
    PeerPings,
    PeerCloses,
    PeerEnds,
    PeerResets,
    PeerBreaksARule,
    PeerTakes,
    PeerTakesAll,
    Deliver,
    TimePasses,
    ApplicationReads,
    ApplicationReadsAll,
    ApplicationSends,
    ApplicationSendsMuch,
    ApplicationWaitsToSend,
    ApplicationCloses,
    ApplicationAborts,
    ApplicationPauses,
    ApplicationResumes,
    DateIsSet,
}
