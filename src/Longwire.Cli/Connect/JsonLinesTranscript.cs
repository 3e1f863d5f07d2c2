using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Longwire.Cli.Network;
using Longwire.Cli.Terminal;
using Longwire.Protocol;

namespace Longwire.Cli.Connect;

/// <summary>For machines: a line of JSON for each event, on the output.</summary>
internal sealed class JsonLinesTranscript(CommandStreams streams, TimeProvider clock) : Transcript
{
    private static readonly JsonWriterOptions _format = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Lock _lock = new();

    public override void Opened(string address, WebSocketConnection connection, ConnectTimes times) =>
        Write(
            "open",
            json =>
            {
                json.WriteString("url", address);
                json.WriteString("subprotocol", connection.Subprotocol);
                json.WriteString("extensions", connection.Deflate?.ToString());
                json.WriteNumber("nameMilliseconds", times.Name.TotalMilliseconds);
                json.WriteNumber("tcpMilliseconds", times.Tcp.TotalMilliseconds);
                json.WriteNumber("tlsMilliseconds", times.Tls.TotalMilliseconds);
                json.WriteNumber("upgradeMilliseconds", times.Upgrade.TotalMilliseconds);
            }
        );

    public override void Message(WebSocketMessage message) =>
        Write(
            "message",
            json =>
            {
                bool isText = message.Type == MessageType.Text;
                json.WriteString("kind", isText ? "text" : "binary");
                if (isText)
                {
                    json.WriteString("data", message.Payload.Span);
                }
                else
                {
                    json.WriteBase64String("base64", message.Payload.Span);
                }
            }
        );

    public override void Ping(Opcode opcode, byte[] payload) =>
        Write(opcode == Opcode.Ping ? "ping" : "pong", json => json.WriteString("data", Encoding.UTF8.GetString(payload)));

    public override void Wire(WireDirection direction, string text) =>
        Write(
            "wire",
            json =>
            {
                json.WriteString("direction", direction == WireDirection.Sent ? "sent" : "received");
                json.WriteString("text", text);
            }
        );

    public override void Note(string text) => Write("note", json => json.WriteString("text", TerminalText.Harmless(text)));

    public override void Closed(CloseStatus status, string reason) =>
        Write(
            "close",
            json =>
            {
                json.WriteNumber("status", (int)status);
                json.WriteString("reason", reason);
            }
        );

    public override void Failed(string text, int exitCode) =>
        Write(
            "error",
            json =>
            {
                json.WriteNumber("exitCode", exitCode);
                json.WriteString("text", text);
            }
        );

    private void Write(string type, Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, _format))
        {
            json.WriteStartObject();
            json.WriteString("type", type);
            json.WriteString("time", clock.GetUtcNow());
            write(json);
            json.WriteEndObject();
        }

        buffer.WriteByte((byte)'\n');
        lock (_lock)
        {
            streams.Output.Write(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
            streams.Output.Flush();
        }
    }
}
