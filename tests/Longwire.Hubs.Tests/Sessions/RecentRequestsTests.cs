namespace Longwire.Hubs.Tests;

public sealed class RecentRequestsTests
{
    private static readonly TimeSpan _window = TimeSpan.FromMinutes(2);

    [Fact]
    public void No_more_ids_are_remembered_than_allowed_and_the_oldest_goes_first()
    {
        var recent = new RecentRequests(maxIds: 3, _window, new RequestMemoryBudget(long.MaxValue));
        for (int offset = 1; offset <= 4; offset++)
        {
            recent.Add(Request("m" + offset), TimeSpan.Zero, offset);
        }

        Assert.Equal(RequestNovelty.New, recent.Find(Request("m1"), TimeSpan.Zero, out _));
        Assert.Equal(RequestNovelty.Repeated, recent.Find(Request("m2"), TimeSpan.Zero, out long? second));
        Assert.Equal(2, second);
    }

    [Fact]
    public void Nothing_is_remembered_when_no_ids_may_be()
    {
        var recent = new RecentRequests(maxIds: 0, _window, new RequestMemoryBudget(long.MaxValue));
        recent.Add(Request("m1"), TimeSpan.Zero, 1);
        Assert.Equal(RequestNovelty.New, recent.Find(Request("m1"), TimeSpan.Zero, out _));
    }

    [Fact]
    public void Type_target_id_and_content_make_a_request()
    {
        var recent = new RecentRequests(maxIds: 3, _window, new RequestMemoryBudget(long.MaxValue));
        RememberedRequest request = Request("m1");
        recent.Add(request, TimeSpan.Zero, 1);
        Assert.Equal(RequestNovelty.New, recent.Find(request with { Type = ClientMessageType.Chat }, TimeSpan.Zero, out _));
        Assert.Equal(RequestNovelty.New, recent.Find(request with { Target = "other" }, TimeSpan.Zero, out _));
        Assert.Equal(
            RequestNovelty.IdReused,
            recent.Find(request with { Fingerprint = RememberedRequest.FingerprintOf("2"u8) }, TimeSpan.Zero, out _)
        );
        Assert.Equal(RequestNovelty.Repeated, recent.Find(request, TimeSpan.Zero, out _));
    }

    [Fact]
    public void All_sessions_share_a_budget_and_give_back_what_they_forget()
    {
        int each = Request("m1").Bytes;
        var budget = new RequestMemoryBudget(10 * each);
        RecentRequests[] sessions = [new(1_000, _window, budget), new(1_000, _window, budget)];
        for (int number = 0; number < 100; number++)
        {
            foreach (RecentRequests recent in sessions)
            {
                recent.Add(
                    Request("m1") with
                    {
                        Id = number.ToString("00", System.Globalization.CultureInfo.InvariantCulture),
                    },
                    TimeSpan.Zero,
                    1
                );
            }
        }

        Assert.InRange(budget.Used, 10 * each, 12 * each);
        sessions[0].Trim(_window);
        Assert.InRange(budget.Used, each, 11 * each);
        sessions[1].Clear();
        Assert.Equal(0, budget.Used);
    }

    private static RememberedRequest Request(string id) =>
        new(ClientMessageType.Message, "room", id, RememberedRequest.FingerprintOf("1"u8));
}
