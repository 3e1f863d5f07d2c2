using System.Text;

namespace Longwire.Protocol.Tests;

/// <summary>The findings of a receiver, as lines that a test can compare and a person can read.</summary>
internal static class Transcript
{
    public static List<string> Of(WebSocketRole role, IEnumerable<byte[]> pieces, ReceiverLimits? limits = null)
    {
        var receiver = new MessageReceiver(role, limits ?? ReceiverLimits.Default);
        var lines = new List<string>();
        foreach (byte[] piece in pieces)
        {
            Feed(ref receiver, piece, lines);
        }

        return lines;
    }

    public static void Feed(ref MessageReceiver receiver, byte[] piece, List<string> lines)
    {
        // A network buffer of its own, so that what is looked at too late is found spoilt.
        byte[] buffer = [.. piece];
        Span<byte> input = buffer;
        while (true)
        {
            int before = input.Length;
            ReceivedKind kind = receiver.Read(ref input, out Received received);
            Assert.Equal(kind, received.Kind);
            if (kind == ReceivedKind.Nothing)
            {
                break;
            }

            lines.Add(Show(received));
            buffer.AsSpan(0, buffer.Length - input.Length).Fill(0xEE);
            Assert.True(input.Length <= before);
        }

        Assert.True(input.IsEmpty, "All input is looked at before more is asked for.");
        Array.Fill(buffer, (byte)0xEE);
    }

    public static string Message(MessageType type, ReadOnlySpan<byte> payload) => $"{type} {Show(payload)}";

    public static string Ping(ReadOnlySpan<byte> payload) => $"Ping {Show(payload)}";

    public static string Pong(ReadOnlySpan<byte> payload) => $"Pong {Show(payload)}";

    public static string Close(int status, string reason = "") => $"Close {status} {reason}";

    public static string Error(ProtocolError error) => $"Error {error}";

    public static string Show(in Received received) =>
        received.Kind switch
        {
            ReceivedKind.Message => Message(received.Type, received.Payload),
            ReceivedKind.Ping => Ping(received.Payload),
            ReceivedKind.Pong => Pong(received.Payload),
            ReceivedKind.Close => Close((int)received.CloseStatus, received.CloseReason),
            _ => Error(received.Error),
        };

    private static string Show(ReadOnlySpan<byte> payload)
    {
        if (payload.Length > 40)
        {
            return $"{payload.Length} bytes, {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(payload))}";
        }

        return payload.ContainsAnyExceptInRange((byte)' ', (byte)'~')
            ? Convert.ToHexString(payload)
            : $"'{Encoding.ASCII.GetString(payload)}'";
    }
}
