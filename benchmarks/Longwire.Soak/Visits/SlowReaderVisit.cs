using Longwire.Protocol;

namespace Longwire.Soak;

/// <summary>
/// A client that sends much and reads late and slowly, through a small window: it gets every byte, or goes away in the middle.
/// </summary>
internal sealed class SlowReaderVisit : Visit
{
    public override string Name => "slow reader";

    public override async Task RunAsync(SoakTarget target, Random random)
    {
        using RawSocket socket = await RawSocket.OpenAsync(target, random.Next(2) == 0 ? "/echo" : "/read", receiveBufferBytes: 4096);
        byte[][] messages =
        [
            .. Enumerable.Range(0, random.Next(2, 8)).Select(_ => Payload.Binary(random, random.Next(100_000, 1_000_000))),
        ];
        uint key = (uint)random.Next();
        Task sending = Task.Run(async () =>
        {
            foreach (byte[] message in messages)
            {
                await socket.SendAsync(RawSocket.Frame(Opcode.Binary, message, key));
            }
        });
        await Task.Delay(random.Next(300));
        if (random.Next(4) == 0)
        {
            socket.Reset();
            await sending.ContinueWith(static _ => { }, TaskScheduler.Default);
            return;
        }

        foreach (byte[] message in messages)
        {
            (FrameHeader header, byte[] payload) = await socket.ReadFrameAsync();
            Expect(
                header.Opcode == Opcode.Binary && header.Fin && payload.AsSpan().SequenceEqual(message),
                $"the echo of {message.Length} bytes"
            );
            await Task.Delay(random.Next(50));
        }

        await sending;
        await socket.SendAsync(RawSocket.Frame(Opcode.Close, [], key));
        Expect((await socket.ReadFrameAsync()).Header.Opcode == Opcode.Close, "the answer to Close");
        await socket.ReadToEndAsync();
    }
}
