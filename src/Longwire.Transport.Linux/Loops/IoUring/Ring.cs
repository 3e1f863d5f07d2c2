using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Longwire.Transport.Linux;

/// <summary>
/// One io_uring: the two queues that are shared with the kernel, and the one call that submits and waits. Used by the thread that made
/// it, and by no other (the kernel is told so, and in return runs all completions inside that call, where they find a warm cache).
/// </summary>
internal sealed unsafe class Ring : IDisposable
{
    private readonly SystemCalls _calls;
    private readonly int _descriptor;
    private readonly int _enterDescriptor;
    private readonly uint _enterFlags;
    private readonly byte* _rings;
    private readonly nuint _ringsLength;
    private readonly SubmissionEntry* _entries;
    private readonly nuint _entriesLength;
    private readonly uint* _submissionHead;
    private readonly uint* _submissionTail;
    private readonly uint _submissionMask;
    private readonly uint _submissionCapacity;
    private readonly uint* _completionHead;
    private readonly uint* _completionTail;
    private readonly uint _completionMask;
    private readonly CompletionEntry* _completions;
    private uint _prepared;
    private uint _submitted;

    /// <exception cref="Win32Exception">
    /// The kernel has no io_uring, forbids it, or lacks something that is needed (Linux 6.1 has all).
    /// </exception>
    public Ring(SystemCalls calls, uint submissionEntries, uint completionEntries)
    {
        _calls = calls;
        RingParameters parameters = default;
        parameters.Flags =
            IoUring.SetupCompletionQueueSize | IoUring.SetupSubmitAll | IoUring.SetupSingleIssuer | IoUring.SetupDeferTaskRun;
        parameters.CompletionEntries = completionEntries;
        nint descriptor = LibC.syscall(IoUring.Setup, (nint)submissionEntries, (nint)(&parameters), 0, 0, 0, 0);
        if (descriptor < 0)
        {
            throw new Win32Exception(Marshal.GetLastSystemError());
        }

        _descriptor = (int)descriptor;

        const uint Needed =
            IoUring.FeatureSingleMap | IoUring.FeatureNoDrop | IoUring.FeatureExtendedArgument | IoUring.FeatureSkipCompletion;
        if ((parameters.Features & Needed) != Needed)
        {
            _ = LibC.close(_descriptor);
            throw new Win32Exception(95, "This kernel's io_uring lacks a feature that is needed.");
        }

        uint submissionLength = parameters.SubmissionArray + parameters.SubmissionEntries * sizeof(uint);
        uint completionLength = parameters.Completions + parameters.CompletionEntries * (uint)sizeof(CompletionEntry);
        _ringsLength = Math.Max(submissionLength, completionLength);
        _rings = Map(_ringsLength, IoUring.OffsetSubmissionRing);
        _entriesLength = parameters.SubmissionEntries * (nuint)sizeof(SubmissionEntry);
        _entries = (SubmissionEntry*)Map(_entriesLength, IoUring.OffsetSubmissionEntries);

        _submissionHead = (uint*)(_rings + parameters.SubmissionHead);
        _submissionTail = (uint*)(_rings + parameters.SubmissionTail);
        _submissionMask = *(uint*)(_rings + parameters.SubmissionMask);
        _submissionCapacity = parameters.SubmissionEntries;
        _completionHead = (uint*)(_rings + parameters.CompletionHead);
        _completionTail = (uint*)(_rings + parameters.CompletionTail);
        _completionMask = *(uint*)(_rings + parameters.CompletionMask);
        _completions = (CompletionEntry*)(_rings + parameters.Completions);

        // The indirection from slot to entry is not used: slot n is entry n, for good.
        uint* array = (uint*)(_rings + parameters.SubmissionArray);
        for (uint i = 0; i < parameters.SubmissionEntries; i++)
        {
            array[i] = i;
        }

        (_enterDescriptor, _enterFlags) = RegisterSelf();
    }

    /// <summary>The descriptor, to register buffers with.</summary>
    public int Descriptor => _descriptor;

    /// <summary>How many entries were prepared and not given to the kernel yet.</summary>
    public uint UnsubmittedCount => _prepared - _submitted;

    /// <summary>An entry that was prepared and not given to the kernel yet, so that tests may bend it.</summary>
    public SubmissionEntry* Unsubmitted(uint index) => _entries + ((_submitted + index) & _submissionMask);

    /// <summary>A fresh entry, or null where the queue is full: <see cref="Enter"/> makes room.</summary>
    public SubmissionEntry* TryPrepare()
    {
        if (_prepared - Volatile.Read(ref *_submissionHead) >= _submissionCapacity)
        {
            return null;
        }

        SubmissionEntry* entry = _entries + (_prepared & _submissionMask);
        _prepared++;
        *entry = default;
        return entry;
    }

    /// <summary>
    /// Submits what is prepared, and waits for <paramref name="wait"/> completions, no longer than the time-out (negative: for ever).
    /// </summary>
    /// <returns>Zero, or the error number negated.</returns>
    public int Enter(uint wait, int timeoutMilliseconds, bool runCompletions = true)
    {
        Volatile.Write(ref *_submissionTail, _prepared);
        while (true)
        {
            uint submit = _prepared - _submitted;
            uint flags = _enterFlags | (runCompletions ? IoUring.EnterGetEvents : 0);
            int result;
            if (wait > 0 && timeoutMilliseconds >= 0)
            {
                KernelTime time = new() { Seconds = timeoutMilliseconds / 1000, Nanoseconds = timeoutMilliseconds % 1000 * 1_000_000L };
                WaitArgument argument = new() { SignalMaskSize = 8, TimeoutAddress = (ulong)&time };
                result = _calls.EnterRing(
                    _enterDescriptor,
                    submit,
                    wait,
                    flags | IoUring.EnterExtendedArgument,
                    &argument,
                    sizeof(WaitArgument)
                );
            }
            else
            {
                result = _calls.EnterRing(_enterDescriptor, submit, wait, flags, null, 0);
            }

            if (result >= 0)
            {
                _submitted += (uint)result;
            }
            // With SetupSubmitAll the kernel takes all unless it is out of memory; then what it left is offered again.
            if (result > 0 && _submitted != _prepared)
            {
                continue;
            }

            return result < 0 ? result : 0;
        }
    }

    /// <summary>The completions that are there, as two positions to walk between.</summary>
    public void Completions(out uint head, out uint tail)
    {
        head = *_completionHead;
        tail = Volatile.Read(ref *_completionTail);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public CompletionEntry* Completion(uint position) => _completions + (position & _completionMask);

    /// <summary>Gives the places of the completions before <paramref name="head"/> back to the kernel.</summary>
    public void Consume(uint head) => Volatile.Write(ref *_completionHead, head);

    public void Dispose()
    {
        _ = LibC.munmap(_rings, _ringsLength);
        _ = LibC.munmap(_entries, _entriesLength);
        _ = LibC.close(_descriptor);
    }

    // A ring registered with itself spares the look-up of its descriptor in each call. Where that is refused, nothing is lost but that.
    private (int Descriptor, uint Flags) RegisterSelf()
    {
        ResourceUpdate update = new() { Offset = uint.MaxValue, Data = (ulong)_descriptor };
        nint result = LibC.syscall(IoUring.Register, _descriptor, (nint)IoUring.RegisterRingDescriptors, (nint)(&update), 1, 0, 0);
        return result == 1 ? ((int)update.Offset, IoUring.EnterRegisteredRing) : (_descriptor, 0);
    }

    private byte* Map(nuint length, long offset)
    {
        void* address = LibC.mmap(
            null,
            length,
            Constants.ProtectReadWrite,
            Constants.MapShared | Constants.MapPopulate,
            _descriptor,
            (nint)offset
        );
        if ((nint)address != -1)
        {
            return (byte*)address;
        }

        int error = Marshal.GetLastSystemError();
        _ = LibC.close(_descriptor);
        throw new Win32Exception(error);
    }
}
