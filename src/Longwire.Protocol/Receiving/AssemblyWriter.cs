using System.Buffers;

namespace Longwire.Protocol;

/// <summary>Lets the inflater write into a message's assembly. It lives on the stack, so it costs nothing.</summary>
internal readonly ref struct AssemblyWriter(ref MessageAssembly assembly, int limit) : IBufferWriter<byte>
{
    private readonly ref MessageAssembly _assembly = ref assembly;
    private readonly int _limit = limit;

    public void Advance(int count) => _assembly.Advance(count);

    public Span<byte> GetSpan(int sizeHint = 0) => _assembly.Reserve(Math.Max(sizeHint, 1), _limit);

    // Part of the interface; the inflater asks for spans only.
    public Memory<byte> GetMemory(int sizeHint = 0) => throw new NotSupportedException();
}
