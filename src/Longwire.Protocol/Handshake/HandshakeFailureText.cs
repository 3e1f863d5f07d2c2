using System.Globalization;

namespace Longwire.Protocol;

/// <summary>
/// The sentences that say why an opening handshake failed and what to do about it, in one place for every client. A server is named as
/// <c>host:port</c>, a proxy as <c>the proxy host:port</c>, neither with a user.
/// </summary>
internal static class HandshakeFailureText
{
    public const string Http10 = "The server answered with HTTP/1.0, which knows no upgrade.";

    public const string NoDescriptors =
        "The process may open no more files or sockets (ulimit -n): close some, or raise the limit, and try again.";

    public static string NotResolved(string host) => $"The name '{host}' can't be resolved.";

    public static string NotResolvedInTime(string host, TimeSpan timeout) =>
        $"The name '{host}' was not resolved within {Seconds(timeout)} s: does the name server answer?";

    public static string Refused(string server) => $"Nothing listens at {server}: connection refused.";

    public static string NoTcp(string server) =>
        $"TCP got no answer from {server}: is the address right, and does no firewall stand in between?";

    public static string NoTcpInTime(string server, TimeSpan timeout) =>
        $"TCP got no answer from {server} within {Seconds(timeout)} s: is the address right, and does no firewall stand in between?";

    public static string NoTlsInTime(string server, TimeSpan timeout) =>
        $"{Subject(server)} took the connection, but did not complete TLS within {Seconds(timeout)} s. {TryPlain}";

    public static string NoAnswerInTime(TimeSpan timeout) =>
        $"The server did not complete the opening handshake within {Seconds(timeout)} s.";

    public static string NoLocalPort(string server) => $"No local port is left for {server}; more local addresses give more ports.";

    public static string Ended(string server, bool isTls) =>
        $"{Subject(server)} ended the connection instead of answering the opening handshake.{(isTls ? "" : " " + TryTls)}";

    public static string Reset(string server, bool isTls) =>
        $"{Subject(server)} reset the connection instead of answering the opening handshake.{(isTls ? "" : " " + TryTls)}";

    public static string SpeaksTls(string server) => $"{Subject(server)} answers in TLS: try wss:// in place of ws://.";

    public static string NotHttp(string server) => $"{Subject(server)} does not answer in HTTP/1.1: is this a WebSocket server?";

    public static string TooManyHeaders =>
        $"The server's answer has too many headers: more than {HttpResponseHead.MaxBytes / 1024} KiB, interim answers (1xx) included.";

    public static string NoTls(string server) => $"TLS with {server} failed: the server answers without TLS. Try ws:// in place of wss://.";

    public static string TlsEnded(string server) => $"TLS with {server} failed: the server ended the connection. {TryPlain}";

    public static string Status(int status, string? reason, int expected) =>
        $"The server answered {status} {reason}, not {expected}: the handshake was refused.";

    public static string ProxyRefused(string proxy, int status) =>
        status == 407
            ? $"{Subject(proxy)} answered 407, not 200: it wants credentials, or other ones."
            : $"{Subject(proxy)} answered {status}, not 200: it opens no tunnel to the server.";

    private static string TryTls => "If it speaks TLS at this port, try wss:// in place of ws://.";

    private static string TryPlain => "If it speaks no TLS at this port, try ws:// in place of wss://.";

    private static string Subject(string server) =>
        server.StartsWith("the ", StringComparison.Ordinal) ? $"T{server.AsSpan(1)}" : $"The server at {server}";

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
}
