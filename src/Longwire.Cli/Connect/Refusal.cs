using System.Text;

namespace Longwire.Cli.Connect;

/// <summary>Tells why there is no connection, and which exit code says so.</summary>
internal static class Refusal
{
    public static async Task<int> ExplainAsync(WebSocketHandshakeException exception, TextWriter error)
    {
        await error.WriteLineAsync(Explain(exception));
        return ExitCodeFor(exception);
    }

    /// <summary>What the server said, on several lines.</summary>
    public static string Explain(WebSocketHandshakeException exception)
    {
        var text = new StringBuilder(Transcript.Harmless(exception.Message));
        foreach ((string name, string value) in exception.Headers)
        {
            text.Append(Environment.NewLine).Append(Transcript.Harmless($"  {name}: {value}"));
        }

        if (exception.Body.Length != 0)
        {
            text.Append(Environment.NewLine).Append(Transcript.Harmless(exception.Body.TrimEnd()));
        }

        return text.ToString();
    }

    public static int ExitCodeFor(WebSocketHandshakeException exception) =>
        exception switch
        {
            { StatusCode: System.Net.HttpStatusCode.SwitchingProtocols } => ExitCode.ProtocolError,
            { StatusCode: not null } => ExitCode.UpgradeRefused,
            { InnerException: OperationCanceledException or TimeoutException } => ExitCode.Timeout,
            { InnerException: HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } } => ExitCode.Tls,
            { InnerException: HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse } } => ExitCode.ProtocolError,
            _ => ExitCode.NameOrTcp,
        };
}
