using System.Text.Unicode;

namespace Longwire.Conformance;

// Reading from the other end.
internal sealed partial class Peer
{
    private async Task ReadAsync()
    {
        PeerEnding ending = PeerEnding.InOrder;
        try
        {
            do
            {
                while (_decoder.TryRead(out ReceivedFrame frame))
                {
                    await TakeAsync(frame);
                }

                if (_decoder.Fault is { } fault)
                {
                    Violate(fault);
                    break;
                }

                await _gate;
                int count = await ReadSomeAsync();
                if (count == 0)
                {
                    Log.Note("the peer ended TCP");
                    break;
                }

                _decoder.Advance(count);
                ReceivedPayloadBytes += count;
            } while (true);
        }
        catch (OperationCanceledException)
        {
            return;
        }
        catch (Exception exception) when (IsConnectionLoss(exception))
        {
            if (_end.IsCancellationRequested)
            {
                return;
            }

            ending = PeerEnding.ByReset;
            Log.Note("the peer reset TCP");
        }

        if (_decoder.PendingBytes > 0 && !CloseReceived && Violation is null)
        {
            Log.Note($"{_decoder.PendingBytes} octets of an unfinished frame were left");
        }

        Ending = ending;
        _writeEnd.CancelAfter(_lateWrites);
        Pulse.Beat();
    }

    private async ValueTask<int> ReadSomeAsync()
    {
        Memory<byte> memory = _decoder.GetMemory();
        if (_octetsPerSecond is var rate and > 0)
        {
            const int SlowReadBytes = 4096;
            memory = memory[..Math.Min(memory.Length, SlowReadBytes)];
            await Task.Delay(TimeSpan.FromSeconds((double)SlowReadBytes / rate), _end.Token);
        }

        return await _stream.ReadAsync(memory, _end.Token);
    }

    private async Task TakeAsync(ReceivedFrame frame)
    {
        if (++_frames < 1_000_000)
        {
            Log.Received(frame);
        }

        if (CloseReceived)
        {
            Violate("The peer sent a frame after its Close frame (RFC 6455 §5.5.1).");
            return;
        }

        if (_collector.FaultIn(frame) is { } fault)
        {
            Violate(fault);
        }

        switch (frame.Opcode)
        {
            case WireFrame.Ping:
                if (!CloseSent)
                {
                    await SendAsync(new WireFrame(WireFrame.Pong, frame.Payload));
                }

                return;
            case WireFrame.Pong when Habits.HasFlag(SuiteHabits.IgnoresPongs):
                return;
            case WireFrame.Pong:
                Add(new(PeerEventKind.Pong, frame.Payload));
                return;
            case WireFrame.Close:
                await TakeCloseAsync(frame.Payload);
                return;
            case WireFrame.Text or WireFrame.Binary or WireFrame.Continuation:
                if (_collector.Take(frame, out string? wrong) is { } message)
                {
                    Add(message);
                }

                if (wrong is not null)
                {
                    Violate(wrong);
                }

                return;
        }
    }

    private async Task TakeCloseAsync(byte[] payload)
    {
        if (payload.Length == 1)
        {
            Violate("The peer's Close frame has a payload of one octet (RFC 6455 §5.5.1).");
        }

        if (payload.Length >= 2)
        {
            CloseCode = (payload[0] << 8) | payload[1];
            CloseReason = payload[2..];
            if (!Utf8.IsValid(CloseReason))
            {
                Violate("The reason in the peer's Close frame is not UTF-8 (RFC 6455 §5.5.1).");
            }

            if (CloseCode is not ((>= 1000 and <= 1003) or (>= 1007 and <= 1014) or (>= 3000 and <= 4999)))
            {
                Violate($"The peer's Close frame has the status {CloseCode} (RFC 6455 §7.4).");
            }
        }

        _ = Interlocked.CompareExchange(ref _firstCloser, Side.Peer, Side.None);
        CloseReceived = true;
        bool answers = !Habits.HasFlag(SuiteHabits.LeavesCloseUnanswered);
        if (answers)
        {
            _writeEnd.CancelAfter(_lateWrites);
        }

        if (!CloseSent && answers)
        {
            await SendAsync(new WireFrame(WireFrame.Close, payload.Length >= 2 ? payload.AsMemory(0, 2) : default));
        }

        CloseHandled = true;
        Pulse.Beat();
    }

    private void Add(PeerEvent happened)
    {
        if (OnMessage is not null && happened.Kind is PeerEventKind.Text or PeerEventKind.Binary)
        {
            OnMessage(happened);
        }
        else
        {
            lock (_lock)
            {
                if (_events.Count < MaxEvents)
                {
                    _events.Add(happened);
                }
            }
        }

        Pulse.Beat();
    }

    private void Violate(string fault)
    {
        Violation ??= fault;
        Log.Note($"! {fault}");
        Pulse.Beat();
    }
}
