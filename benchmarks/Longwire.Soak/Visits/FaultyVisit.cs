using System.Buffers.Binary;
using System.Text;
using Longwire.Protocol;

namespace Longwire.Soak;

/// <summary>A client that breaks a rule, or goes away in some phase: by a reset, by closing, or by ending its side first.</summary>
internal sealed class FaultyVisit : Visit
{
    public override string Name => "faulty";

    public override async Task RunAsync(SoakTarget target, Random random)
    {
        using RawSocket socket =
            random.Next(4) == 0 ? RawSocket.Connect(target) : await RawSocket.OpenAsync(target, random.Next(2) == 0 ? "/echo" : "/read");
        uint key = (uint)random.Next();
        switch (random.Next(10))
        {
            case 0:
                // A handshake's beginning; or, on an open connection, what is no frame.
                byte[] handshake = Encoding.ASCII.GetBytes(RawSocket.Handshake);
                await socket.SendAsync(handshake.AsMemory(0, random.Next(handshake.Length)));
                break;
            case 1:
                await socket.SendAsync(Encoding.ASCII.GetBytes(RawSocket.Handshake));
                break;
            case 2:
                // Within a frame's header, or its payload.
                byte[] frame = RawSocket.Frame(Opcode.Binary, Payload.Binary(random, Payload.Length(random)), key);
                await socket.SendAsync(frame.AsMemory(0, random.Next(random.Next(2) == 0 ? Math.Min(14, frame.Length) : frame.Length)));
                break;
            case 3:
                // Within a message.
                await socket.SendAsync(RawSocket.Frame(Opcode.Text, "first "u8, key, fin: false));
                await socket.SendAsync(RawSocket.Frame(Opcode.Continuation, "second "u8, key, fin: false));
                break;
            case 4:
                // Answers are on their way.
                byte[] large = RawSocket.Frame(Opcode.Binary, new byte[200_000], key);
                for (int i = random.Next(1, 5); i > 0; i--)
                {
                    await TrySendAsync(socket, large);
                }

                break;
            case 5:
                // Within the closing handshake.
                await TrySendAsync(socket, Close(1000, key));
                break;
            case 6:
                await TrySendAsync(socket, Close(1000, key));
                await TrySendAsync(socket, RawSocket.Frame(Opcode.Text, "too late"u8, key));
                break;
            case 7:
                await TrySendAsync(socket, RawSocket.Frame(Opcode.Text, [0xC0, 0x80], key));
                break;
            case 8:
                await TrySendAsync(socket, "\u0082\u0003abc"u8.ToArray());
                break;
        }

        switch (random.Next(4))
        {
            case 0:
                socket.Reset();
                break;
            case 1:
                socket.EndSending();
                await socket.ReadToEndAsync();
                break;
            case 2:
                byte[] buffer = new byte[100];
                socket.EndSending();
                try
                {
                    await socket.ReadSomeAsync(buffer);
                }
                catch (IOException)
                {
                    // It may reset whoever breaks a rule.
                }

                socket.Reset();
                break;
        }
    }

    private static byte[] Close(ushort status, uint key)
    {
        byte[] payload = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(payload, status);
        return RawSocket.Frame(Opcode.Close, payload, key);
    }

    // A client that sent no handshake has been shown the door, maybe before all was sent.
    private static async Task TrySendAsync(RawSocket socket, byte[] bytes)
    {
        try
        {
            await socket.SendAsync(bytes);
        }
        catch (IOException)
        {
            // Nothing more is to be sent.
        }
    }
}
