namespace Longwire.Transport.Linux;

[Flags]
internal enum SocketFlags : ushort
{
    None = 0,

    /// <summary>Closed: no event reaches the handler any more but OnClosed.</summary>
    Closed = 1 << 0,

    /// <summary>Close was called: what is pending is sent, then FIN, then what arrives is discarded until the peer's FIN.</summary>
    Closing = 1 << 1,

    /// <summary>FIN was sent, or is sent as soon as nothing is pending.</summary>
    SendEnded = 1 << 2,

    /// <summary>The FIN has gone out.</summary>
    FinSent = 1 << 3,

    /// <summary>The peer's FIN has arrived.</summary>
    PeerEnded = 1 << 4,

    /// <summary>Nothing is to be delivered until receiving is resumed.</summary>
    Paused = 1 << 5,

    /// <summary>The handler waits for OnWritable although nothing is pending.</summary>
    WantsWritable = 1 << 6,

    /// <summary>The socket is on the loop's list of those that have more to receive.</summary>
    Ready = 1 << 7,

    /// <summary>A receive is in the kernel (io_uring).</summary>
    ReceiveArmed = 1 << 8,

    /// <summary>A wait for room to send, or for an outgoing connection to be there, is in the kernel (io_uring).</summary>
    WritableArmed = 1 << 9,

    /// <summary>A cancellation of the receive is in the kernel (io_uring).</summary>
    Canceling = 1 << 10,

    /// <summary>Closing means a reset.</summary>
    Reset = 1 << 11,

    /// <summary>The socket is on its loop.</summary>
    Attached = 1 << 12,

    /// <summary>OnClosed has been called (io_uring: requests in the kernel may still hold the slot).</summary>
    Gone = 1 << 13,

    /// <summary>A send has failed for good: what was received before is still delivered, then the socket is closed.</summary>
    SendFailed = 1 << 14,

    /// <summary>A watch for errors while nothing is received is in the kernel (io_uring).</summary>
    Watched = 1 << 15,
}
