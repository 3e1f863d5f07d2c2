using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace Longwire.Client;

/// <summary>
/// The messages that wait for a connection, within their bounds, and the callers that wait for room. Not thread safe: its owner's lock
/// guards it.
/// </summary>
internal sealed class MessageOutbox(OutboxOptions options)
{
    /// <summary>The memory of a message beside its payload.</summary>
    public const int MessageCost = 64;

    private readonly LinkedList<Item> _items = [];
    private readonly LinkedList<Waiter> _waiters = [];
    private long _bytes;

    public bool IsEmpty => _items.Count == 0 && _waiters.Count == 0;

    public int Count => _items.Count;

    /// <summary>Adds a message where it fits, and nobody waits before it.</summary>
    public bool TryAdd(ReadOnlySpan<byte> payload, MessageType type)
    {
        if (_waiters.Count > 0 || !HasRoomFor(payload.Length))
        {
            return false;
        }

        Add(new Item(payload.ToArray(), type));
        return true;
    }

    /// <summary>Makes room for a message at the cost of the oldest that are not being sent just now.</summary>
    /// <returns>The messages that made room.</returns>
    public List<ReadOnlyMemory<byte>> MakeRoomFor(int length)
    {
        List<ReadOnlyMemory<byte>> dropped = [];
        for (LinkedListNode<Item>? node = _items.First; node is not null && !HasRoomFor(length); )
        {
            LinkedListNode<Item>? next = node.Next;
            if (!node.Value.IsLeaving)
            {
                dropped.Add(node.Value.Payload);
                Remove(node);
            }

            node = next;
        }

        return dropped;
    }

    /// <summary>Whether a message could ever wait here.</summary>
    public bool CouldHold(int length) => options.MaxMessages > 0 && length + MessageCost <= options.MaxBytes;

    /// <summary>Lets a caller wait for room, behind the others.</summary>
    public Waiter Wait(ReadOnlyMemory<byte> payload, MessageType type)
    {
        var waiter = new Waiter(payload, type);
        _waiters.AddLast(waiter);
        return waiter;
    }

    /// <summary>A caller waits no longer.</summary>
    /// <returns>Whether it still did.</returns>
    public bool Remove(Waiter waiter) => _waiters.Remove(waiter);

    /// <summary>The oldest message, which is on its way to the connection from here on.</summary>
    public bool TryBeginSending([NotNullWhen(true)] out Item? item)
    {
        item = _items.First?.Value;
        item?.IsLeaving = true;
        return item is not null;
    }

    /// <summary>The oldest message has been handed to the connection, or not.</summary>
    public void EndSending(Item item, bool sent)
    {
        item.IsLeaving = false;
        if (sent)
        {
            Debug.Assert(_items.First?.Value == item);
            Remove(_items.First!);
            Admit();
        }
    }

    /// <summary>Takes out all that is not being sent just now, those of callers that wait included.</summary>
    public List<ReadOnlyMemory<byte>> Clear()
    {
        List<ReadOnlyMemory<byte>> cleared = [];
        do
        {
            for (LinkedListNode<Item>? node = _items.First; node is not null; )
            {
                LinkedListNode<Item>? next = node.Next;
                if (!node.Value.IsLeaving)
                {
                    cleared.Add(node.Value.Payload);
                    Remove(node);
                }

                node = next;
            }

            Admit();
        } while (_items.Last is { Value.IsLeaving: false });
        return cleared;
    }

    /// <summary>Ends the wait of all callers by an error.</summary>
    public void FailWaiters(Exception error)
    {
        foreach (Waiter waiter in _waiters)
        {
            waiter.Admitted.TrySetException(error);
        }

        _waiters.Clear();
    }

    private bool HasRoomFor(int length) => _items.Count < options.MaxMessages && _bytes + length + MessageCost <= options.MaxBytes;

    private void Admit()
    {
        while (_waiters.First is { Value: var waiter } && HasRoomFor(waiter.Payload.Length))
        {
            _waiters.RemoveFirst();
            Add(new Item(waiter.Payload.ToArray(), waiter.Type));
            waiter.Admitted.TrySetResult(SendOutcome.Queued);
        }
    }

    private void Add(Item item)
    {
        _items.AddLast(item);
        _bytes += item.Payload.Length + MessageCost;
        Debug.Assert(_items.Count <= options.MaxMessages && _bytes <= options.MaxBytes);
    }

    private void Remove(LinkedListNode<Item> node)
    {
        _items.Remove(node);
        _bytes -= node.Value.Payload.Length + MessageCost;
        Debug.Assert(_bytes >= 0);
    }

    /// <summary>A message that waits.</summary>
    public sealed class Item(byte[] payload, MessageType type)
    {
        public byte[] Payload => payload;

        public MessageType Type => type;

        /// <summary>Whether it is on its way to the connection just now.</summary>
        public bool IsLeaving { get; set; }
    }

    /// <summary>A caller that waits for room.</summary>
    public sealed class Waiter(ReadOnlyMemory<byte> payload, MessageType type)
    {
        public ReadOnlyMemory<byte> Payload => payload;

        public MessageType Type => type;

        public TaskCompletionSource<SendOutcome> Admitted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
