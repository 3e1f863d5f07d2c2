namespace Longwire.Transport.Linux.Tests;

/// <summary>A kernel that is unkind where a test asks for it; elsewhere the real one.</summary>
internal sealed unsafe class FaultyCalls : SystemCalls
{
    private int _sends;
    private int _receives;
    private int _waits;

    public delegate void RingSendBender(SubmissionEntry* send);

    /// <summary>The most that one send takes; 0 for no limit.</summary>
    public int SendAtMost { get; set; }

    /// <summary>Called with a running number before each send; a negative result is returned in its place.</summary>
    public Func<int, int>? BeforeSend { get; set; }

    /// <summary>The same for receiving.</summary>
    public Func<int, int>? BeforeReceive { get; set; }

    /// <summary>The same for waiting (epoll_wait, io_uring_enter).</summary>
    public Func<int, int>? BeforeWait { get; set; }

    /// <summary>The same for accepting.</summary>
    public Func<int>? BeforeAccept { get; set; }

    /// <summary>The same for opening a socket.</summary>
    public Func<int>? BeforeOpen { get; set; }

    /// <summary>The fault of each send that is given to a ring, as of a kernel that takes less or fails.</summary>
    public RingSendBender? BendRingSend { get; set; }

    /// <summary>The ring whose sends are bent.</summary>
    public Ring? Ring { get; set; }

    public int Sends => Volatile.Read(ref _sends);

    public override int Receive(int fd, byte* buffer, int length)
    {
        int fault = BeforeReceive?.Invoke(Interlocked.Increment(ref _receives)) ?? 0;
        return fault < 0 ? fault : base.Receive(fd, buffer, length);
    }

    public override int Send(int fd, byte* buffer, int length)
    {
        int number = Interlocked.Increment(ref _sends);
        int fault = BeforeSend?.Invoke(number) ?? 0;
        if (fault < 0)
        {
            return fault;
        }

        return base.Send(fd, buffer, SendAtMost > 0 ? Math.Min(length, SendAtMost) : length);
    }

    public override int Send(int fd, IoVector* vectors, int count)
    {
        int number = Interlocked.Increment(ref _sends);
        int fault = BeforeSend?.Invoke(number) ?? 0;
        if (fault < 0)
        {
            return fault;
        }

        if (SendAtMost == 0)
        {
            return base.Send(fd, vectors, count);
        }

        int left = SendAtMost;
        IoVector* cut = stackalloc IoVector[count];
        for (int i = 0; i < count; i++)
        {
            cut[i] = new IoVector { Base = vectors[i].Base, Length = (nuint)Math.Min((int)vectors[i].Length, left) };
            left -= (int)cut[i].Length;
        }

        return base.Send(fd, cut, count);
    }

    public override int Accept(int listener)
    {
        int fault = BeforeAccept?.Invoke() ?? 0;
        return fault < 0 ? fault : base.Accept(listener);
    }

    public override int OpenSocket(int family, bool nonBlocking)
    {
        int fault = BeforeOpen?.Invoke() ?? 0;
        return fault < 0 ? fault : base.OpenSocket(family, nonBlocking);
    }

    public override int WaitForEvents(int epoll, void* events, int maximum, int timeoutMilliseconds)
    {
        int fault = BeforeWait?.Invoke(Interlocked.Increment(ref _waits)) ?? 0;
        return fault < 0 ? fault : base.WaitForEvents(epoll, events, maximum, timeoutMilliseconds);
    }

    public override int EnterRing(int ring, uint submit, uint wait, uint flags, void* argument, int argumentSize)
    {
        int fault = BeforeWait?.Invoke(Interlocked.Increment(ref _waits)) ?? 0;
        if (BendRingSend is { } bend && Ring is { } bent)
        {
            for (uint i = 0; i < bent.UnsubmittedCount; i++)
            {
                SubmissionEntry* entry = bent.Unsubmitted(i);
                if (entry->Operation == IoUring.OperationSend)
                {
                    bend(entry);
                }
            }
        }

        return fault < 0 ? fault : base.EnterRing(ring, submit, wait, flags, argument, argumentSize);
    }
}
