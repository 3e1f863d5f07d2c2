namespace Longwire.Fuzzing;

/// <summary>
/// The messages that must have arrived, kept beside a run: the peer's whole ones before its end, those that the application sent; who
/// ended, and whether anybody stood still for so long that the connection may give up. It knows nothing of how a connection works.
/// </summary>
internal sealed class EndingModel(int closeTimeoutSeconds, int leastRate)
{
    // Under the times of the options, and nobody is granted more: what is looked at now and then is measured from a look on.
    private const double GraceSeconds = 8;
    private const double LookSeconds = 1;

    private double _sendingCredit = GraceSeconds;
    private double _arrivingCredit = GraceSeconds;

    // Since the end came near, or each of these last happened.
    private double _sinceTaken;
    private double _sinceArrived;
    private double _sinceRead;

    /// <summary>Messages of the peer's that came whole before its Close or its fault.</summary>
    public List<string> PeerSent { get; } = [];

    /// <summary>Messages that the application was told are sent.</summary>
    public List<string> Accepted { get; } = [];

    /// <summary>The status of the peer's Close, 1002 for its fault, null for neither.</summary>
    public int? PeerStatus { get; private set; }

    public bool PeerBrokeARule { get; private set; }

    public bool PeerEnded { get; private set; }

    public bool PeerReset { get; private set; }

    public bool ApplicationClosed { get; set; }

    public bool ApplicationAborted { get; set; }

    /// <summary>Whether somebody stood still, or was slow, for so long that the connection may be cut off.</summary>
    public bool MayGiveUp { get; private set; }

    /// <summary>Whether the peer may still say something that counts.</summary>
    public bool PeerTalks => PeerStatus is null && !PeerEnded && !PeerReset;

    private bool IsEnding => PeerStatus is not null || PeerEnded || PeerReset || ApplicationClosed;

    public void PeerSends(string message) => PeerSent.Add(message);

    public void PeerCloses(int status) => PeerStatus = status;

    public void PeerBreaksARule() => (PeerStatus, PeerBrokeARule) = (1002, true);

    public void PeerEnds() => PeerEnded = true;

    public void PeerResets() => PeerReset = true;

    /// <summary>The peer took so many bytes.</summary>
    public void Taken(int bytes)
    {
        _sendingCredit = Math.Min(GraceSeconds, _sendingCredit + ((double)bytes / leastRate));
        _sinceTaken = bytes > 0 ? 0 : _sinceTaken;
    }

    /// <summary>So many bytes of the peer's arrived.</summary>
    public void Arrived(int bytes)
    {
        _arrivingCredit = Math.Min(GraceSeconds, _arrivingCredit + ((double)bytes / leastRate));
        _sinceArrived = bytes > 0 ? 0 : _sinceArrived;
    }

    /// <summary>The application took a message.</summary>
    public void Read() => _sinceRead = 0;

    public void TimePasses(double seconds, bool somethingWaits, bool isInsideMessage)
    {
        _sendingCredit = somethingWaits ? _sendingCredit - seconds : GraceSeconds;
        _arrivingCredit = isInsideMessage ? _arrivingCredit - seconds : GraceSeconds;
        double ending = IsEnding ? seconds : 0;
        (_sinceTaken, _sinceArrived, _sinceRead) = (_sinceTaken + ending, _sinceArrived + ending, _sinceRead + ending);
        // A reader has half of the time, so that the peer still gets its answer.
        MayGiveUp |=
            _sendingCredit <= 0
            || _arrivingCredit <= 0
            || Math.Max(_sinceTaken, _sinceArrived) >= closeTimeoutSeconds - LookSeconds
            || _sinceRead >= (closeTimeoutSeconds / 2.0) - LookSeconds;
    }
}
