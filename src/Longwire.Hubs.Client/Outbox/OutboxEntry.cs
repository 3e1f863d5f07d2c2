using System.Text;

namespace Longwire.Hubs.Client;

/// <summary>A publication in the outbox.</summary>
internal sealed class OutboxEntry(string id, string target, string? room, byte[] json)
{
    /// <summary>The memory of an entry beside its message.</summary>
    public const int Cost = 64;

    /// <summary>The request's id, which never changes.</summary>
    public string Id => id;

    /// <summary>The scope of the order: the room, or the user, or everyone.</summary>
    public string Target => target;

    /// <summary>The room; null for one that is for a user, or for everyone.</summary>
    public string? Room => room;

    /// <summary>The whole message, which never changes.</summary>
    public byte[] Json => json;

    public SendReceipt Receipt { get; } = new(id);

    /// <summary>Whose it is, as <see cref="OutboxOwner"/> writes it; null before the client knew who it is.</summary>
    public string? Owner { get; set; }

    /// <summary>
    /// Makes it somebody's, unless it is somebody else's. An entry that a guest never sent belongs to the next guest, which is the same
    /// client.
    /// </summary>
    /// <returns>Whether it is theirs.</returns>
    public bool Own(string owner)
    {
        if (Owner is null || Owner == owner || (FirstSent is null && OutboxOwner.IsGuest(Owner) && OutboxOwner.IsGuest(owner)))
        {
            Owner = owner;
            return true;
        }

        return false;
    }

    /// <summary>When it was first sent; null before.</summary>
    public DateTimeOffset? FirstSent { get; set; }

    /// <summary>Whether it was sent on the connection that lasts, and is not answered.</summary>
    public bool IsUnderWay { get; set; }

    /// <summary>
    /// The id of the publication before it, of the same target, that was under way when it was sent last; null for none. A hub that
    /// refuses that one for now takes neither.
    /// </summary>
    public string? AfterId { get; set; }

    /// <summary>The message as it goes out: with its place behind another, if it has one.</summary>
    public byte[] Frame
    {
        get
        {
            if (AfterId is null)
            {
                return json;
            }

            byte[] start = Encoding.UTF8.GetBytes($"{{\"afterId\":\"{AfterId}\",");
            byte[] frame = new byte[start.Length + json.Length - 1];
            start.CopyTo(frame, 0);
            // Behind the brace that opens it.
            json.AsSpan(1).CopyTo(frame.AsSpan(start.Length));
            return frame;
        }
    }

    /// <summary>How often in a row it was refused for now.</summary>
    public int Delays { get; set; }

    /// <summary>When it may be sent again after it was refused for now, by the monotonic clock.</summary>
    public long NotBefore { get; set; } = long.MinValue;
}
