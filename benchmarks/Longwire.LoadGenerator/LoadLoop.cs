using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Longwire.LoadGenerator;

/// <summary>The event loop: one thread, one epoll descriptor, one receive buffer, and no allocation while it measures.</summary>
internal sealed unsafe class LoadLoop : IDisposable
{
    private const int MaxEvents = 512;
    private const int ReceiveBytes = 256 * 1024;
    private readonly LoadOptions _options;
    private readonly WireMessage _message;
    private readonly LoadConnection[] _connections;
    private readonly LatencyHistogram _latency = new();
    private readonly byte* _receiveBuffer = (byte*)NativeMemory.Alloc(ReceiveBytes);
    private readonly byte* _events = (byte*)NativeMemory.Alloc((nuint)(MaxEvents * Native.EventBytes));
    private readonly byte* _batch;
    private readonly int _epoll;
    private long _replies;
    private bool _sending = true;

    /// <summary>Opens all connections.</summary>
    public LoadLoop(LoadOptions options)
    {
        _options = options;
        _message = new WireMessage(options);
        _batch = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_message.Batch));
        _epoll = Native.EpollCreate(0);
        _connections = new LoadConnection[options.Connections];
        for (int i = 0; i < _connections.Length; i++)
        {
            _connections[i] = LoadConnection.Open(options);
            Register(Native.EpollCtlAdd, i, Native.EpollIn);
        }
    }

    /// <summary>Warms up, measures for the window, drains, and says what came of it.</summary>
    public LoadResult Run()
    {
        long now = Stopwatch.GetTimestamp();
        for (int i = 0; i < _connections.Length; i++)
        {
            for (int k = 0; k < _options.InFlight; k++)
                _connections[i].Schedule(now);
            Flush(i);
        }

        RunUntil(now + ToTicks(_options.WarmUp));
        GC.Collect();
        _latency.Clear();
        _replies = 0;
        double serverBefore = ServerSeconds();
        double ownBefore = ProcessCpu.ReadSeconds(Environment.ProcessId);
        long began = Stopwatch.GetTimestamp();
        RunUntil(began + ToTicks(_options.Window));
        TimeSpan elapsed = Stopwatch.GetElapsedTime(began);
        double ownSeconds = ProcessCpu.ReadSeconds(Environment.ProcessId) - ownBefore;
        double serverSeconds = ServerSeconds() - serverBefore;
        long messages = _replies;
        LoadResult result = LoadResult.From(_options, messages, elapsed, serverSeconds, ownSeconds, _latency);
        Drain();
        return result;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (LoadConnection connection in _connections)
            connection.Close(_options.Raw);
        NativeMemory.Free(_receiveBuffer);
        NativeMemory.Free(_events);
    }

    private static long ToTicks(TimeSpan time) => (long)(time.TotalSeconds * Stopwatch.Frequency);

    private double ServerSeconds() => _options.ServerProcessId == 0 ? 0 : ProcessCpu.ReadSeconds(_options.ServerProcessId);

    private void Drain()
    {
        _sending = false;
        long deadline = Stopwatch.GetTimestamp() + (5 * Stopwatch.Frequency);
        while (_connections.Sum(connection => connection.Pending) is > 0 and long pending)
        {
            if (Stopwatch.GetTimestamp() > deadline)
                throw new LoadException($"{pending} messages got no reply within 5 s.");
            Turn(timeoutMilliseconds: 10);
        }
    }

    private void RunUntil(long deadline)
    {
        long quietSince = Stopwatch.GetTimestamp();
        for (long now = quietSince; now < deadline; now = Stopwatch.GetTimestamp())
        {
            if (Turn(timeoutMilliseconds: 10) > 0)
                quietSince = now;
            else if (now - quietSince > 10 * Stopwatch.Frequency)
                throw new LoadException("The server has said nothing for 10 s.");
        }
    }

    private int Turn(int timeoutMilliseconds)
    {
        int count = Native.EpollWait(_epoll, _events, MaxEvents, timeoutMilliseconds);
        if (count < 0 && Marshal.GetLastSystemError() != Native.ErrorInterrupted)
            throw new LoadException($"epoll_wait failed with error {Marshal.GetLastSystemError()}.");
        for (int i = 0; i < count; i++)
        {
            byte* epollEvent = _events + (i * Native.EventBytes);
            uint ready = Unsafe.ReadUnaligned<uint>(epollEvent);
            int index = Unsafe.ReadUnaligned<int>(epollEvent + Native.EventDataOffset);
            if ((ready & ~Native.EpollOut) != 0)
                Receive(index);
            Flush(index);
        }

        return count;
    }

    private void Receive(int index)
    {
        LoadConnection connection = _connections[index];
        nint count = Native.Receive(connection.Descriptor, _receiveBuffer, ReceiveBytes, 0);
        if (count < 0 && Marshal.GetLastSystemError() is Native.ErrorAgain or Native.ErrorInterrupted)
            return;
        if (count <= 0)
            throw new LoadException("The server ended a connection.");

        // One reading of the clock serves all replies of this read and the messages that follow them.
        long now = Stopwatch.GetTimestamp();
        byte[]? ping = null;
        int messages = _options.Raw
            ? connection.Reader.TakeRaw((int)count, _message.Length)
            : connection.Reader.Take(new ReadOnlySpan<byte>(_receiveBuffer, (int)count), _message, ref ping);
        if (connection.Reader.CloseReceived)
            throw new LoadException("The server began to close a connection.");
        if (ping is not null)
            connection.Pong = WireMessage.Frame(10, ping);
        for (int i = 0; i < messages; i++)
        {
            _latency.Record(ToNanoseconds(now - connection.Complete()));
            if (_sending)
                connection.Schedule(now);
        }

        _replies += messages;
    }

    private static long ToNanoseconds(long ticks) => Stopwatch.Frequency == 1_000_000_000 ? ticks : ticks * 1_000_000_000 / Stopwatch.Frequency;

    private void Flush(int index)
    {
        LoadConnection connection = _connections[index];
        while (connection.Unsent > 0 || connection.Pong is not null)
        {
            if (connection.PartSent == 0 && connection.Pong is { } pong)
            {
                SendPong(connection, pong);
                continue;
            }

            nint length = ((nint)Math.Min(connection.Unsent, _message.BatchCount) * _message.Length) - connection.PartSent;
            nint sent = Native.Send(connection.Descriptor, _batch + connection.PartSent, length, Native.MessageNoSignal);
            if (sent < 0)
            {
                int error = Marshal.GetLastSystemError();
                if (error == Native.ErrorInterrupted)
                    continue;
                if (error != Native.ErrorAgain)
                    throw new LoadException($"send failed with error {error}: the server ended a connection.");
                WaitForRoom(index, connection, waits: true);
                return;
            }

            nint total = connection.PartSent + sent;
            connection.Unsent -= (int)(total / _message.Length);
            connection.PartSent = (int)(total % _message.Length);
        }

        WaitForRoom(index, connection, waits: false);
    }

    private static void SendPong(LoadConnection connection, byte[] pong)
    {
        // A pong is so small that a send buffer without room for it means a server that has stopped to read.
        fixed (byte* start = pong)
        {
            if (Native.Send(connection.Descriptor, start, pong.Length, Native.MessageNoSignal) != pong.Length)
                throw new LoadException("A pong found no room to leave.");
        }

        connection.Pong = null;
    }

    private void WaitForRoom(int index, LoadConnection connection, bool waits)
    {
        if (connection.WaitsForRoom == waits)
            return;
        connection.WaitsForRoom = waits;
        Register(Native.EpollCtlModify, index, waits ? Native.EpollIn | Native.EpollOut : Native.EpollIn);
    }

    private void Register(int operation, int index, uint events)
    {
        byte* epollEvent = stackalloc byte[16];
        Unsafe.WriteUnaligned(epollEvent, events);
        Unsafe.WriteUnaligned(epollEvent + Native.EventDataOffset, (ulong)index);
        if (Native.EpollControl(_epoll, operation, _connections[index].Descriptor, epollEvent) < 0)
            throw new LoadException($"epoll_ctl failed with error {Marshal.GetLastSystemError()}.");
    }
}
