namespace Longwire.Interop.Tests.Endings;

/// <summary>
/// How a connection ended, from both ends: the messages that the application read and the status it was told, and the answers, the Close
/// frame ("none", "empty" or its status) and the end of TCP ("FIN" or "RST") that its peer saw.
/// </summary>
internal sealed record Ending(int Read, string Status, int Answers, string Close, string Tcp)
{
    public override string ToString() => $"{Read} · {Status} · {Answers} · {Close} · {Tcp}";
}

/// <summary>The application's observations.</summary>
internal sealed record ApplicationReport(int Read, string Status);
