namespace Longwire.Protocol;

/// <summary>The kind of result of <see cref="MessageReceiver.Read"/>.</summary>
public enum ReceivedKind : byte
{
    /// <summary>Nothing yet: all input is taken, more is needed.</summary>
    Nothing,

    /// <summary>A whole message.</summary>
    Message,

    /// <summary>A ping, to be answered with a pong of the same payload.</summary>
    Ping,

    /// <summary>A pong.</summary>
    Pong,

    /// <summary>A valid Close frame. All bytes behind it are ignored.</summary>
    Close,

    /// <summary>The peer broke a rule: the connection fails. All bytes behind it are ignored.</summary>
    Error,

    /// <summary>A part of a message, where <see cref="ReceiverLimits.MaxStreamedMessageBytes"/> says so.</summary>
    Part,
}
