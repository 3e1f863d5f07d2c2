namespace Longwire.Client;

/// <summary>Takes a message.</summary>
/// <param name="type">Its type; text is valid UTF-8.</param>
/// <param name="payload">Its payload, valid during the call only.</param>
public delegate void MessageReceived(MessageType type, ReadOnlySpan<byte> payload);
