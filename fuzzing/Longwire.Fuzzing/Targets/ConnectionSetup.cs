using System.Buffers;
using System.IO.Pipelines;

namespace Longwire.Fuzzing;

/// <summary>The setup that the first bytes of a connection's input encode.</summary>
internal sealed class ConnectionSetup
{
    private readonly bool _inline;
    private readonly int _threshold;

    public ConnectionSetup(byte[] input)
    {
        var reader = new InputReader(input);
        byte flags = reader.Byte();
        ServerPulls = (flags & 1) != 0;
        ClientPulls = (flags & 2) != 0;
        ClientCloses = (flags & 4) != 0;
        _inline = (flags & 8) != 0;
        Mode = (flags >> 4) switch
        {
            0 or 1 => SendQueueFullMode.DropOldest,
            2 => SendQueueFullMode.Disconnect,
            _ => SendQueueFullMode.Wait,
        };
        _threshold = (reader.Byte() % 3) switch
        {
            0 => 64,
            1 => 4096,
            _ => 65536,
        };
        int queue = (reader.Byte() % 4) switch
        {
            0 => 1,
            1 => 500,
            2 => 10_000,
            _ => 1 << 20,
        };
        int inbox = (reader.Byte() % 3) switch
        {
            0 => 1,
            1 => 1000,
            _ => 65536,
        };
        byte deflate = reader.Byte();
        ReadsCancel = reader.Byte() % 4;
        Options = new WebSocketConnectionOptions
        {
            SendQueueBytes = queue,
            ReceiveQueueBytes = inbox,
            SendQueueFullMode = Mode,
        };
        if ((deflate & 1) != 0)
        {
            Parameters = new DeflateParameters((deflate & 2) != 0, (deflate & 4) != 0, 9 + (deflate >> 6), 15 - (deflate >> 6));
            DeflateOptions = new DeflateOptions
            {
                Enabled = true,
                ThresholdBytes = (deflate & 8) != 0 ? 0 : 256,
                Level = (deflate >> 4) & 3,
            };
        }
    }

    public bool ServerPulls { get; }

    public bool ClientPulls { get; }

    /// <summary>Which side closes at the end, when nobody has before.</summary>
    public bool ClientCloses { get; }

    /// <summary>Every how manieth read of a side that reads is cancelled while it waits; 0 for none.</summary>
    public int ReadsCancel { get; }

    public SendQueueFullMode Mode { get; }

    public WebSocketConnectionOptions Options { get; }

    /// <summary>Null without permessage-deflate.</summary>
    public DeflateParameters? Parameters { get; }

    public DeflateOptions DeflateOptions { get; } = new();

    public PipeOptions Pipe(MemoryPool<byte> memory)
    {
        PipeScheduler scheduler = _inline ? PipeScheduler.Inline : PipeScheduler.ThreadPool;
        return new PipeOptions(memory, scheduler, scheduler, _threshold, _threshold / 2, useSynchronizationContext: false);
    }
}
