using System.Buffers.Binary;
using System.Diagnostics;
using System.Net.Sockets;
using System.Text.Unicode;

namespace Longwire.Conformance.Tests;

/// <summary>One connection of the scripted echo server. It reads octet by octet where that makes it simple.</summary>
internal sealed class EchoSession(NetworkStream stream, EchoFault fault, DeflateAgreement? agreement, byte[] early, CancellationToken stop)
{
    private readonly InflateDecoder _inflater = new(15, false);
    private readonly DeflateEncoder? _deflater = agreement is null
        ? null
        : new(fault == EchoFault.CompressesWithTooLargeAWindow ? 15 : agreement.SuiteWindowBits, agreement.SuiteNoContextTakeover, 6);

    private readonly List<byte> _message = [];
    private MemoryStream _early = new(early);
    private int _messageOpcode;
    private bool _compressed;
    private bool _closed;
    private TimeSpan _patienceWithSlowReaders = TimeSpan.FromMilliseconds(300);

    public async Task RunAsync()
    {
        if (fault == EchoFault.NeverAnswers)
        {
            await Task.Delay(Timeout.Infinite, stop);
        }

        if (fault == EchoFault.TakesTheEndOfInputForTheEnd && await ReadAheadAsync())
        {
            return;
        }

        try
        {
            while (!_closed && await ReadFrameAsync()) { }
        }
        finally
        {
            _deflater?.Dispose();
        }

        if (fault == EchoFault.NeverEndsTcp)
        {
            await Task.Delay(Timeout.Infinite, stop);
        }

        if (fault == EchoFault.ResetsAtTheEnd)
        {
            await Task.Delay(50, stop); // so that what was sent is read before
            await StreamEnds.ResetAsync(stream, stop);
        }
        else if (fault != EchoFault.DropsTcpInsteadOfClosing)
        {
            await DrainAsync();
        }
    }

    // Reads until nothing comes for longer than a busy peer may take. True when the peer has ended its output by then.
    private async Task<bool> ReadAheadAsync()
    {
        using MemoryStream ahead = new();
        await _early.CopyToAsync(ahead, stop);
        byte[] buffer = new byte[64 * 1024];
        try
        {
            while (true)
            {
                using var silence = CancellationTokenSource.CreateLinkedTokenSource(stop);
                silence.CancelAfter(TimeSpan.FromSeconds(30));
                int count = await stream.ReadAsync(buffer, silence.Token);
                if (count == 0)
                {
                    return true;
                }

                ahead.Write(buffer, 0, count);
            }
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            _early = new(ahead.ToArray());
            return false;
        }
    }

    private async Task<bool> ReadFrameAsync()
    {
        byte[]? head = await ReadAsync(2);
        if (head is null)
        {
            return false;
        }

        bool fin = (head[0] & 0x80) != 0;
        int rsv = (head[0] >> 4) & 7;
        int opcode = head[0] & 15;
        bool masked = (head[1] & 0x80) != 0;
        ulong length = (ulong)(head[1] & 0x7F);
        int form = 7;
        if (length >= 126)
        {
            form = length == 126 ? 16 : 64;
            byte[] extended = (await ReadAsync(form / 8))!;
            length = form == 16 ? BinaryPrimitives.ReadUInt16BigEndian(extended) : BinaryPrimitives.ReadUInt64BigEndian(extended);
        }

        if (await RefuseHeaderAsync(fin, rsv, opcode, masked, length, form))
        {
            return false;
        }

        byte[] key = masked ? (await ReadAsync(4))! : new byte[4];
        byte[]? payload = await ReadPayloadAsync((int)length, key, opcode, fin);
        return payload is not null && await TakeAsync(fin, rsv, opcode, payload);
    }

    private async Task<bool> RefuseHeaderAsync(bool fin, int rsv, int opcode, bool masked, ulong length, int form)
    {
        bool control = opcode >= 8;
        bool compressible = agreement is not null && opcode is 1 or 2;
        int refused =
            (rsv & (compressible ? 3 : 7)) != 0 && fault != EchoFault.TakesReservedBits ? 1002
            : opcode is (>= 3 and <= 7) or >= 11 && fault != EchoFault.TakesReservedOpcodes ? 1002
            : !masked && fault != EchoFault.TakesUnmaskedFrames ? 1002
            : control && !fin && fault != EchoFault.TakesFragmentedControls ? 1002
            : control && length > 125 && (fault != EchoFault.TakesLongPings || opcode == 8) ? 1002
            : ((form == 16 && length < 126) || (form == 64 && length <= ushort.MaxValue)) && fault != EchoFault.TakesLongLengthForms ? 1002
            : length > 32 << 20 ? (length >> 63 != 0 ? 1002 : 1009)
            : opcode == 0 && _messageOpcode == 0 && fault is not (EchoFault.TakesStrayContinuations or EchoFault.TakesFragmentedControls)
                ? 1002
            : opcode is 1 or 2 && _messageOpcode != 0 && fault != EchoFault.TakesStrayContinuations ? 1002
            : 0;
        if (refused != 0)
        {
            await FailAsync(refused);
        }

        return refused != 0;
    }

    // Text is looked at while it comes, so that a fault is found before the frame is whole.
    private async Task<byte[]?> ReadPayloadAsync(int length, byte[] key, int opcode, bool fin)
    {
        byte[] payload = new byte[length];
        int have = 0;
        bool text = !_compressed && (opcode == 1 || (opcode == 0 && _messageOpcode == 1)) && agreement is null;
        while (have < length)
        {
            int count = await ReadSomeAsync(payload.AsMemory(have));
            if (count == 0)
            {
                return null;
            }

            for (int index = have; index < have + count; index++)
            {
                payload[index] ^= key[index & 3];
            }

            have += count;
            if (
                text
                && fault is not (EchoFault.NeverChecksUtf8 or EchoFault.ChecksUtf8OnlyAtTheEnd)
                && !CanBecomeUtf8([.. _message, .. payload.AsSpan(0, have)])
            )
            {
                await FailAsync(1007);
                return null;
            }
        }

        return payload;
    }

    private async Task<bool> TakeAsync(bool fin, int rsv, int opcode, byte[] payload)
    {
        switch (opcode)
        {
            case 8:
                return await TakeCloseAsync(payload);
            case 9 when fault != EchoFault.NeverPongs:
                await SendAsync(
                    new WireFrame(
                        WireFrame.Pong,
                        fault == EchoFault.PongsWithoutPayload ? default : payload.AsMemory(0, Math.Min(125, payload.Length))
                    )
                );
                return true;
            case 10 when fault == EchoFault.PongsToPongs:
                await SendAsync(new WireFrame(WireFrame.Pong, payload));
                return true;
            case 0 or 1 or 2:
                return await TakeDataAsync(fin, rsv, opcode, payload);
            default:
                return true;
        }
    }

    private async Task<bool> TakeDataAsync(bool fin, int rsv, int opcode, byte[] payload)
    {
        if (opcode != 0)
        {
            _messageOpcode = opcode;
            _compressed = agreement is not null && (rsv & 4) != 0;
            _message.Clear();
        }

        _message.AddRange(payload);
        if (!fin)
        {
            return true;
        }

        byte[] message = [.. _message];
        byte kind = (byte)_messageOpcode;
        _messageOpcode = 0;
        _message.Clear();
        if (_compressed)
        {
            message = _inflater.Inflate(message, 32 << 20)!;
            if (message is null)
            {
                await FailAsync(1007);
                return false;
            }
        }

        if (kind == WireFrame.Text && fault != EchoFault.NeverChecksUtf8 && !Utf8.IsValid(message))
        {
            await FailAsync(1007);
            return false;
        }

        await EchoAsync(kind == 0 ? WireFrame.Text : kind, message);
        return !_closed;
    }

    private async Task EchoAsync(byte kind, byte[] message)
    {
        if (fault == EchoFault.FailsBeforeItAnswers)
        {
            // The frame that it fails at is on its way.
            Assert.Equal(0, await stream.ReadAsync(Memory<byte>.Empty, stop));
            return;
        }

        if (fault == EchoFault.EchoesTextAsBinary)
        {
            kind = WireFrame.Binary;
        }

        if (fault == EchoFault.LosesTheLastOctet && message.Length > 0)
        {
            message = message[..^1];
        }

        WireFrame frame = _deflater is null ? new(kind, message) : new(kind, _deflater.Compress(message), Rsv: 4);
        await SendAsync(frame);
        if (fault == EchoFault.EchoesTwice)
        {
            await SendAsync(frame);
        }

        if (fault == EchoFault.ClosesAfterEachMessage)
        {
            await FailAsync(1000);
        }
    }

    private async Task<bool> TakeCloseAsync(byte[] payload)
    {
        int code = payload.Length >= 2 ? (payload[0] << 8) | payload[1] : 1000;
        bool legal = code is (>= 1000 and <= 1003) or (>= 1007 and <= 1014) or (>= 3000 and <= 4999);
        _closed = true;
        if (
            fault == EchoFault.DropsTcpInsteadOfClosing
            || (
                fault == EchoFault.LosesTheCloseAtTheEndOfInput && stream.Socket.Poll(TimeSpan.FromMilliseconds(300), SelectMode.SelectRead)
            )
        )
        {
            return false;
        }

        if ((payload.Length == 1 || !legal) && fault != EchoFault.TakesAnyCloseCode)
        {
            await FailAsync(1002);
        }
        else if (payload.Length > 2 && !Utf8.IsValid(payload.AsSpan(2)))
        {
            await FailAsync(1007);
        }
        else
        {
            await SendAsync(payload.Length < 2 || !legal ? WireFrame.OfClose(1000) : WireFrame.OfClose(code));
        }

        if (fault == EchoFault.AnswersAfterClose)
        {
            await SendAsync(WireFrame.OfText("too late"));
        }

        return false;
    }

    private async Task FailAsync(int code)
    {
        _closed = true;
        if (fault == EchoFault.DropsTcpInsteadOfFailing)
        {
            return;
        }

        await SendAsync(WireFrame.OfClose(fault == EchoFault.FailsWithTheWrongCode && code != 1000 ? 1011 : code));
    }

    private async Task SendAsync(WireFrame frame)
    {
        System.Buffers.ArrayBufferWriter<byte> output = new();
        if (fault == EchoFault.SendsLongLengthForms)
        {
            frame = frame with { LengthBits = 64 };
        }

        FrameEncoder.Write(output, frame, maskByDefault: fault == EchoFault.MasksItsFrames);
        long started = Stopwatch.GetTimestamp();
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        if (fault == EchoFault.CutsOffSlowReaders)
        {
            patience.CancelAfter(_patienceWithSlowReaders);
        }

        await stream.WriteAsync(output.WrittenMemory, patience.Token);
        _patienceWithSlowReaders -= TimeSpan.FromTicks(Math.Min(Stopwatch.GetElapsedTime(started).Ticks, _patienceWithSlowReaders.Ticks));
    }

    // The peer's late bytes are read, so that its TCP sees an end and no reset.
    private async Task DrainAsync()
    {
        stream.Socket.Shutdown(SocketShutdown.Send);
        byte[] buffer = new byte[4096];
        while (await stream.ReadAsync(buffer, stop) > 0) { }
    }

    private async Task<byte[]?> ReadAsync(int count)
    {
        byte[] buffer = new byte[count];
        for (int have = 0; have < count; )
        {
            int read = await ReadSomeAsync(buffer.AsMemory(have));
            if (read == 0)
            {
                return null;
            }

            have += read;
        }

        return buffer;
    }

    private async ValueTask<int> ReadSomeAsync(Memory<byte> buffer) =>
        _early.Position < _early.Length ? _early.Read(buffer.Span) : await stream.ReadAsync(buffer, stop);

    // The start of UTF-8, which may end within a character: only what is wrong already counts.
    private static bool CanBecomeUtf8(ReadOnlySpan<byte> octets)
    {
        while (!octets.IsEmpty)
        {
            System.Buffers.OperationStatus status = System.Text.Rune.DecodeFromUtf8(octets, out _, out int length);
            if (status == System.Buffers.OperationStatus.NeedMoreData)
            {
                return true;
            }

            if (status != System.Buffers.OperationStatus.Done)
            {
                return false;
            }

            octets = octets[length..];
        }

        return true;
    }
}
