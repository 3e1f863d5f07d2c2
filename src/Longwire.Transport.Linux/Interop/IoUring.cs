using System.Runtime.InteropServices;

namespace Longwire.Transport.Linux;

/// <summary>Numbers of io_uring (linux/io_uring.h). The system call numbers are the same on every architecture.</summary>
internal static class IoUring
{
    public const int Setup = 425;
    public const int Enter = 426;
    public const int Register = 427;

    public const uint SetupCompletionQueueSize = 1 << 3;
    public const uint SetupSubmitAll = 1 << 7;
    public const uint SetupSingleIssuer = 1 << 12;
    public const uint SetupDeferTaskRun = 1 << 13;

    public const uint FeatureSingleMap = 1 << 0;
    public const uint FeatureNoDrop = 1 << 1;
    public const uint FeatureExtendedArgument = 1 << 8;
    public const uint FeatureSkipCompletion = 1 << 11;

    public const uint EnterGetEvents = 1 << 0;
    public const uint EnterExtendedArgument = 1 << 3;
    public const uint EnterRegisteredRing = 1 << 4;

    public const long OffsetSubmissionRing = 0;
    public const long OffsetSubmissionEntries = 0x10000000;

    public const uint RegisterRingDescriptors = 20;
    public const uint RegisterBufferRing = 22;
    public const ushort BufferRingIncremental = 2;

    public const byte OperationPollAdd = 6;
    public const byte OperationAccept = 13;
    public const byte OperationAsyncCancel = 14;
    public const byte OperationConnect = 16;
    public const byte OperationSend = 26;
    public const byte OperationReceive = 27;

    public const byte SubmissionBufferSelect = 1 << 5;
    public const byte SubmissionSkipCompletionOnSuccess = 1 << 6;

    public const ushort ReceiveMultishot = 1 << 1;
    public const ushort AcceptMultishot = 1 << 0;
    public const uint PollMultishot = 1 << 0;

    public const uint CompletionBuffer = 1 << 0;
    public const uint CompletionMore = 1 << 1;
    public const uint CompletionBufferMore = 1 << 4;
    public const int CompletionBufferShift = 16;
}

/// <summary><c>struct io_uring_params</c>, with the two blocks of offsets inside.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct RingParameters
{
    public uint SubmissionEntries;
    public uint CompletionEntries;
    public uint Flags;
    public uint SubmissionThreadCpu;
    public uint SubmissionThreadIdle;
    public uint Features;
    public uint WorkQueueDescriptor;
    public uint Reserved0;
    public uint Reserved1;
    public uint Reserved2;

    public uint SubmissionHead;
    public uint SubmissionTail;
    public uint SubmissionMask;
    public uint SubmissionRingEntries;
    public uint SubmissionFlags;
    public uint SubmissionDropped;
    public uint SubmissionArray;
    public uint SubmissionReserved;
    public ulong SubmissionUserAddress;

    public uint CompletionHead;
    public uint CompletionTail;
    public uint CompletionMask;
    public uint CompletionRingEntries;
    public uint CompletionOverflow;
    public uint Completions;
    public uint CompletionFlags;
    public uint CompletionReserved;
    public ulong CompletionUserAddress;
}

/// <summary><c>struct io_uring_sqe</c>, 64 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SubmissionEntry
{
    public byte Operation;
    public byte Flags;
    public ushort Priority;
    public int Descriptor;
    public ulong Offset;
    public ulong Address;
    public uint Length;
    public uint OperationFlags;
    public ulong UserData;
    public ushort BufferGroup;
    public ushort Personality;
    public uint FileIndex;
    public ulong Address3;
    public ulong Padding;
}

/// <summary><c>struct io_uring_cqe</c>, 16 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct CompletionEntry
{
    public ulong UserData;
    public int Result;
    public uint Flags;
}

/// <summary><c>struct io_uring_buf</c>; the ring's tail lies over the first entry's <see cref="Reserved"/>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct RingBuffer
{
    public ulong Address;
    public uint Length;
    public ushort Identifier;
    public ushort Reserved;
}

/// <summary><c>struct io_uring_buf_reg</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct BufferRingRegistration
{
    public ulong Address;
    public uint Entries;
    public ushort Group;
    public ushort Flags;
    public ulong Reserved0;
    public ulong Reserved1;
    public ulong Reserved2;
}

/// <summary><c>struct io_uring_getevents_arg</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct WaitArgument
{
    public ulong SignalMask;
    public uint SignalMaskSize;
    public uint MinimumWaitMicroseconds;
    public ulong TimeoutAddress;
}

/// <summary><c>struct __kernel_timespec</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct KernelTime
{
    public long Seconds;
    public long Nanoseconds;
}

/// <summary><c>struct io_uring_rsrc_update</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ResourceUpdate
{
    public uint Offset;
    public uint Reserved;
    public ulong Data;
}
