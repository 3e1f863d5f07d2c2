using BenchmarkDotNet.Attributes;
using Longwire.Protocol;

namespace Longwire.Benchmarks;

/// <summary>
/// A server's cost of receiving one masked message: header, rules, unmasking, UTF-8. Unmasking changes the input, so each row first
/// copies it anew: the baseline is that copy alone, and the cost of the receiver is the difference.
/// </summary>
public class ReceivingBenchmarks
{
    private const int Messages = 64;
    private byte[] _wire = [];
    private byte[] _fragmented = [];
    private byte[] _input = [];
    private int _cut;
    private MessageReceiver _receiver = new(WebSocketRole.Server, ReceiverLimits.Default);

    [Params(20, 1024, 16384)]
    public int Bytes { get; set; }

    [Params(MessageType.Text, MessageType.Binary)]
    public MessageType Type { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        _wire = Frames(fragments: 1);
        _fragmented = Frames(fragments: 4);
        _input = new byte[_fragmented.Length];
        _cut = _wire.Length / Messages * 2 / 3;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Messages)]
    public void Memcpy() => _wire.CopyTo(_input, 0);

    [Benchmark(OperationsPerInvoke = Messages)]
    public int Whole()
    {
        _wire.CopyTo(_input, 0);
        return Receive(_input.AsSpan(0, _wire.Length));
    }

    [Benchmark(OperationsPerInvoke = Messages)]
    public int EachCutInTwo()
    {
        _wire.CopyTo(_input, 0);
        int received = 0;
        int length = _wire.Length / Messages;
        for (int start = 0; start < _wire.Length; start += length)
        {
            received += Receive(_input.AsSpan(start, _cut)) + Receive(_input.AsSpan(start + _cut, length - _cut));
        }

        return received;
    }

    [Benchmark(OperationsPerInvoke = Messages)]
    public int InFourFragments()
    {
        _fragmented.CopyTo(_input, 0);
        return Receive(_input.AsSpan(0, _fragmented.Length));
    }

    private int Receive(Span<byte> input)
    {
        int bytes = 0;
        while (_receiver.Read(ref input, out Received received) is ReceivedKind.Message)
        {
            bytes += received.Payload.Length;
        }

        return bytes;
    }

    private byte[] Frames(int fragments)
    {
        using var wire = new MemoryStream();
        Span<byte> header = stackalloc byte[FrameHeader.MaxLength];
        for (int message = 0; message < Messages; message++)
        {
            for (int fragment = 0; fragment < fragments; fragment++)
            {
                byte[] payload = new byte[Bytes / fragments];
                payload.AsSpan().Fill((byte)'a');
                Masking.Apply(payload, 0x3D21FA37);
                Opcode opcode = fragment == 0 ? (Opcode)Type : Opcode.Continuation;
                int length = new FrameHeader(opcode, payload.Length, 0x3D21FA37, fin: fragment == fragments - 1).Write(header);
                wire.Write(header[..length]);
                wire.Write(payload);
            }
        }

        return wire.ToArray();
    }
}
