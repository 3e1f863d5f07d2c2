using System.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace Longwire.Cli.Listen;

/// <summary>
/// A process of a client's own: each message is a line of its input, each line of its output a message. It is started as it is, never
/// by a shell, and what the client says of itself reaches it in these environment variables and nowhere else: LONGWIRE_CLIENT,
/// LONGWIRE_REMOTE_ADDRESS, LONGWIRE_PATH, LONGWIRE_QUERY, LONGWIRE_ORIGIN, LONGWIRE_SUBPROTOCOL, LONGWIRE_USER_AGENT.
/// </summary>
internal sealed class ExecProcess : IDisposable
{
    private const int MaxLineBytes = 16 << 20;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(2);

    private readonly Process _process;

    private ExecProcess(Process process) => _process = process;

    /// <exception cref="System.ComponentModel.Win32Exception">There is no such program.</exception>
    public static ExecProcess Start(IReadOnlyList<string> program, ListenClient client, HttpRequest request)
    {
        var start = new ProcessStartInfo(program[0], program.Skip(1))
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["LONGWIRE_CLIENT"] = client.Id.ToString(System.Globalization.CultureInfo.InvariantCulture);
        start.Environment["LONGWIRE_REMOTE_ADDRESS"] = client.Address;
        start.Environment["LONGWIRE_PATH"] = client.Path;
        start.Environment["LONGWIRE_QUERY"] = request.QueryString.Value ?? "";
        start.Environment["LONGWIRE_ORIGIN"] = request.Headers.Origin.ToString();
        start.Environment["LONGWIRE_SUBPROTOCOL"] = client.Connection.Subprotocol ?? "";
        start.Environment["LONGWIRE_USER_AGENT"] = request.Headers.UserAgent.ToString();
        return new ExecProcess(Process.Start(start)!);
    }

    /// <summary>Gives the process a message as one line: its own line breaks become spaces.</summary>
    public async Task WriteAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        byte[] line = [.. message.Span, (byte)'\n'];
        line.AsSpan(0, message.Length).Replace((byte)'\n', (byte)' ');
        line.AsSpan(0, message.Length).Replace((byte)'\r', (byte)' ');
        Stream input = _process.StandardInput.BaseStream;
        await input.WriteAsync(line, cancellationToken);
        await input.FlushAsync(cancellationToken);
    }

    /// <summary>Sends the process's lines until its output ends; then closes.</summary>
    public async Task SendLinesAsync(WebSocketConnection connection, MessageType type)
    {
        using var output = new Terminal.PipedInput(_process.StandardOutput.BaseStream, maxLineBytes: MaxLineBytes);
        try
        {
            while (await Task.Run(output.ReadLine) is { } line)
            {
                bool isText = type == MessageType.Text && System.Text.Unicode.Utf8.IsValid(line);
                await connection.SendAsync(line, isText ? MessageType.Text : MessageType.Binary);
            }

            await _process.WaitForExitAsync();
            connection.TryClose(
                _process.ExitCode == 0 ? CloseStatus.NormalClosure : CloseStatus.InternalError,
                $"exit code {_process.ExitCode}"
            );
        }
        catch (Exception exception) when (exception is WebSocketClosedException or IOException)
        {
            connection.TryClose(CloseStatus.InternalError);
        }
    }

    /// <summary>Ends its input, and the process if that doesn't end it.</summary>
    public async Task EndAsync()
    {
        try
        {
            _process.StandardInput.Close();
            using var patience = new CancellationTokenSource(_patience);
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
        }
    }

    public void Dispose() => _process.Dispose();
}
