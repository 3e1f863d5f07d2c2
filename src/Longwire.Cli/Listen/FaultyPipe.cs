using System.Buffers;
using System.IO.Pipelines;
using Longwire.Protocol;
using Microsoft.AspNetCore.Connections;

namespace Longwire.Cli.Listen;

/// <summary>Stands between a connection and its transport, and leaves pongs out or changes them.</summary>
internal static class FaultyPipe
{
    public static ConnectionDelegate Wrap(ConnectionDelegate next, Faults faults) =>
        async connection =>
        {
            IDuplexPipe transport = connection.Transport;
            var pipe = new Pipe(new PipeOptions(useSynchronizationContext: false));
            connection.Transport = new DuplexPipe(transport.Input, pipe.Writer);
            Task copying = CopyAsync(pipe.Reader, transport.Output, faults);
            try
            {
                await next(connection);
            }
            finally
            {
                await pipe.Writer.CompleteAsync();
                await copying;
                connection.Transport = transport;
            }
        };

    private static async Task CopyAsync(PipeReader reader, PipeWriter writer, Faults faults)
    {
        bool isUpgraded = false;
        try
        {
            while (true)
            {
                ReadResult result = await reader.ReadAsync();
                ReadOnlySequence<byte> rest = result.Buffer;
                while (TryTake(ref rest, ref isUpgraded, out ReadOnlySequence<byte> part, out bool isPong))
                {
                    byte[] bytes = part.ToArray();
                    if (isPong && faults.WrongPong)
                    {
                        MakeWrong(ref bytes);
                    }

                    if (!(isPong && faults.NoPong))
                    {
                        await writer.WriteAsync(bytes);
                    }
                }

                reader.AdvanceTo(rest.Start, rest.End);
                if (result.IsCompleted)
                {
                    break;
                }
            }
        }
        catch (Exception exception) when (exception is IOException or ConnectionAbortedException or InvalidOperationException)
        {
            // The client has gone, and its connection ends for the same reason.
        }

        await reader.CompleteAsync();
    }

    // The head of the answer as a whole, then frame by frame: a server's have no mask.
    private static bool TryTake(ref ReadOnlySequence<byte> rest, ref bool isUpgraded, out ReadOnlySequence<byte> part, out bool isPong)
    {
        isPong = false;
        part = default;
        if (!isUpgraded)
        {
            var reader = new SequenceReader<byte>(rest);
            if (!reader.TryReadTo(out ReadOnlySequence<byte> _, "\r\n\r\n"u8))
            {
                return false;
            }

            part = rest.Slice(0, reader.Position);
            rest = rest.Slice(reader.Position);
            isUpgraded = part.Slice(0, Math.Min(12, part.Length)).ToArray().AsSpan().EndsWith(" 101"u8);
            return true;
        }

        byte[] front = rest.Slice(0, Math.Min(rest.Length, FrameHeader.MaxLength)).ToArray();
        if (
            FrameHeader.TryRead(front, out FrameHeader header, out int length, out _) != OperationStatus.Done
            || rest.Length < length + header.PayloadLength
        )
        {
            return false;
        }

        part = rest.Slice(0, length + header.PayloadLength);
        rest = rest.Slice(part.End);
        isPong = header.Opcode == Opcode.Pong;
        return true;
    }

    private static void MakeWrong(ref byte[] pong)
    {
        if (pong.Length > 2)
        {
            pong[^1] ^= 1;
        }
        else
        {
            pong = [pong[0], 1, (byte)'?'];
        }
    }

    private sealed class DuplexPipe(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }
}
