namespace Longwire.Transport.Linux.Tests;

public class WorkQueueTests
{
    [Fact]
    public void Items_come_out_in_the_order_they_went_in()
    {
        var queue = new WorkQueue();
        Item[] items = [.. Enumerable.Range(0, 5).Select(number => new Item(0, number))];
        foreach (Item item in items)
        {
            queue.Push(item);
        }

        Assert.Equal(items, Chain(queue.TakeAll()));
        Assert.True(queue.IsEmpty);
        Assert.Null(queue.TakeAll());
    }

    [Fact]
    public async Task Nothing_is_lost_or_swapped_between_many_producers_and_one_consumer()
    {
        const int Producers = 4,
            Each = 50_000;
        var queue = new WorkQueue();
        Task[] producing =
        [
            .. Enumerable
                .Range(0, Producers)
                .Select(producer =>
                    Task.Run(() =>
                    {
                        for (int number = 0; number < Each; number++)
                        {
                            queue.Push(new Item(producer, number));
                        }
                    })
                ),
        ];

        int[] next = new int[Producers];
        int taken = 0;
        await Task.Run(() =>
            {
                while (taken < Producers * Each)
                {
                    foreach (Item item in Chain(queue.TakeAll()).Cast<Item>())
                    {
                        Assert.Equal(next[item.Producer]++, item.Number);
                        taken++;
                    }
                }
            })
            .WaitAsync(TestServer.Patience);
        await Task.WhenAll(producing);
    }

    private static List<LoopWorkItem> Chain(LoopWorkItem? item)
    {
        var items = new List<LoopWorkItem>();
        for (; item is not null; item = item.NextItem)
        {
            items.Add(item);
        }

        return items;
    }

    private sealed class Item(int producer, int number) : LoopWorkItem
    {
        public int Producer => producer;

        public int Number => number;

        protected internal override void Execute() { }
    }
}
