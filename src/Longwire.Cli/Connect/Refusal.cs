namespace Longwire.Cli.Connect;

/// <summary>Tells why there is no connection, and which exit code says so.</summary>
internal static class Refusal
{
    public static async Task<int> ExplainAsync(WebSocketHandshakeException exception, TextWriter error)
    {
        await error.WriteLineAsync(Transcript.Harmless(exception.Message));
        foreach ((string name, string value) in exception.Headers)
        {
            await error.WriteLineAsync(Transcript.Harmless($"  {name}: {value}"));
        }

        if (exception.Body.Length != 0)
        {
            await error.WriteLineAsync(Transcript.Harmless(exception.Body.TrimEnd()));
        }

        return exception switch
        {
            { StatusCode: System.Net.HttpStatusCode.SwitchingProtocols } => ExitCode.ProtocolError,
            { StatusCode: not null } => ExitCode.UpgradeRefused,
            { InnerException: OperationCanceledException } => ExitCode.Timeout,
            { InnerException: HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } } => ExitCode.Tls,
            { InnerException: HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse } } => ExitCode.ProtocolError,
            _ => ExitCode.NameOrTcp,
        };
    }
}
