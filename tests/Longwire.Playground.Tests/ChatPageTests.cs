namespace Longwire.Playground.Tests;

/// <summary>The chat: two tabs and more, a server that is killed, a line that is dead for a while.</summary>
public sealed class ChatPageTests(Playground playground)
{
    // One red pixel.
    private static byte[] Picture =>
        Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==");

    [Fact]
    public async Task A_room_may_have_the_longest_name_and_a_room_that_cannot_be_joined_says_why()
    {
        await using Visitor visitor = await playground.VisitAsync();
        string longest = new('r', 128);
        IPage ada = await JoinAsync(visitor, "Ada", longest);
        IPage bob = await JoinAsync(visitor, "Bob", longest);
        await SayAsync(ada, "From a room with a long name");
        await SeeAsync(bob.GetByTestId("messages"), "From a room with a long name");

        IPage eve = await JoinAsync(visitor, "Eve", "a\u202Eb");
        await SeeAsync(eve.GetByTestId("messages"), "This room can't be joined");
        visitor.AssertNothingWentWrong();
        playground.Server.AssertNothingWentWrong();
    }

    [Fact]
    public async Task A_second_tab_of_a_user_comes_and_goes_without_a_word()
    {
        await using Visitor visitor = await playground.VisitAsync();
        IPage bob = await JoinAsync(visitor, "Bob", "tabs");
        IPage first = await JoinAsync(visitor, "Ada", "tabs");
        await SeeAsync(bob.GetByTestId("messages"), "Ada joined");
        IPage second = await JoinAsync(visitor, "Ada", "tabs");
        await SayAsync(second, "From my second tab");
        await SeeAsync(bob.GetByTestId("messages"), "From my second tab");
        await second.Locator("#sign-out").ClickAsync();
        await NotOnlineAsync(second);
        await SayAsync(first, "Still here");
        await SeeAsync(bob.GetByTestId("messages"), "Still here");
        foreach (IPage page in (IPage[])[bob, first])
        {
            await Assertions.Expect(page.GetByTestId("messages")).Not.ToContainTextAsync("Ada left");
        }

        await first.CloseAsync();
        await SeeAsync(bob.GetByTestId("messages"), "Ada left");
        visitor.AssertNothingWentWrong();
        playground.Server.AssertNothingWentWrong();
    }

    [Fact]
    public async Task The_secret_of_a_session_is_not_in_the_address_that_browsers_and_servers_write_down()
    {
        await using Visitor visitor = await playground.VisitAsync();
        var addresses = new LineLog();
        visitor.Context.Page += (_, page) => page.WebSocket += (_, socket) => addresses.Add(socket.Url);
        IPage ada = await JoinAsync(visitor, "Ada");
        await SayAsync(ada, "Before");
        await ada.ReloadAsync();
        await OnlineAsync(ada);
        await SayAsync(ada, "After");
        await SeeAsync(ada.GetByTestId("messages"), "After");
        Assert.True(addresses.Count >= 2);
        Assert.All(addresses.Snapshot(), static address => Assert.DoesNotContain("?", address, StringComparison.Ordinal));
        playground.Server.AssertNothingWentWrong();
    }

    [Fact]
    public async Task It_is_seen_that_somebody_types_and_no_longer_when_it_is_said()
    {
        await using Visitor visitor = await playground.VisitAsync();
        IPage ada = await JoinAsync(visitor, "Ada", "typing");
        IPage bob = await JoinAsync(visitor, "Bob", "typing");
        // The page shows that somebody types for seconds only, so that a test may look too late: all that it showed is noted.
        await using Shown typing = await Shown.WatchAsync(ada, "typing"),
            own = await Shown.WatchAsync(bob, "typing");
        await bob.GetByTestId("message").PressSequentiallyAsync("Hm");
        await typing.SeeAsync("Bob is typing");
        await bob.GetByTestId("send").ClickAsync();
        await SeeAsync(ada.GetByTestId("messages"), "Hm");
        await Assertions.Expect(ada.GetByTestId("typing")).ToHaveTextAsync("");
        Assert.Empty(await own.ReadAsync());
        visitor.AssertNothingWentWrong();
    }

    [Fact]
    public async Task A_picture_goes_as_bytes_and_what_only_says_that_it_is_one_is_not_shown_as_one()
    {
        await using Visitor visitor = await playground.VisitAsync();
        IPage ada = await JoinAsync(visitor, "Ada", "pictures");
        IPage bob = await JoinAsync(visitor, "Bob", "pictures");
        await ada.GetByTestId("picture-file")
            .SetInputFilesAsync(
                new FilePayload
                {
                    Name = "a.png",
                    MimeType = "image/png",
                    Buffer = Picture,
                }
            );
        await Assertions.Expect(bob.GetByTestId("picture")).ToHaveAttributeAsync("alt", "A picture from Ada");
        Assert.StartsWith("blob:", await bob.GetByTestId("picture").GetAttributeAsync("src"), StringComparison.Ordinal);
        Assert.Equal(
            1,
            await bob.GetByTestId("picture").EvaluateAsync<int>("picture => picture.decode().then(() => picture.naturalWidth)")
        );

        await ada.EvaluateAsync(
            """
            async () => {
              const { HubClient } = await import('/vendor/longwire.js');
              const client = new HubClient('/ws', { token: 'valid-token', username: 'Eve' });
              await client.room('pictures').publish(new TextEncoder().encode('<svg onload="alert(1)">')).acked;
              client.close();
            }
            """
        );
        await SeeAsync(bob.GetByTestId("messages"), "23 bytes that are no picture");
        await Assertions.Expect(bob.GetByTestId("picture")).ToHaveCountAsync(1);
        await JoinAsync(visitor, "Carl", "pictures");
        await Assertions.Expect(visitor.Context.Pages[^1].GetByTestId("picture")).ToHaveCountAsync(1);
        visitor.AssertNothingWentWrong();
    }

    [Fact]
    public async Task Another_room_counts_what_was_not_read_and_a_newcomer_reads_what_was_said()
    {
        await using Visitor visitor = await playground.VisitAsync();
        IPage ada = await JoinAsync(visitor, "Ada", "one");
        IPage bob = await JoinAsync(visitor, "Bob", "one");
        await ada.GetByTestId("add-room").FillAsync("two");
        await ada.GetByTestId("add-room-button").ClickAsync();
        await SayAsync(bob, "First");
        await SayAsync(bob, "Second");
        await Assertions.Expect(ada.Locator("[data-room=one]").GetByTestId("unread")).ToHaveTextAsync("2");
        await ada.Locator("[data-room=one]").ClickAsync();
        await SeeAsync(ada.GetByTestId("messages"), "Second");
        await Assertions.Expect(ada.Locator("[data-room=one]").GetByTestId("unread")).ToBeHiddenAsync();
        IPage carl = await JoinAsync(visitor, "Carl", "one");
        await SeeAsync(carl.GetByTestId("messages"), "First");
        visitor.AssertNothingWentWrong();
    }

    [Fact]
    public async Task What_was_read_in_one_tab_is_read_in_the_other_and_what_was_not_is_there_the_next_time()
    {
        await using Visitor visitor = await playground.VisitAsync();
        IPage first = await JoinAsync(visitor, "Mia", "markers");
        await AddRoomAsync(first, "elsewhere");
        IPage second = await JoinAsync(visitor, "Mia", "elsewhere");
        await AddRoomAsync(second, "markers");
        await AddRoomAsync(second, "elsewhere");
        IPage bob = await JoinAsync(visitor, "Bob", "markers");
        await SayAsync(bob, "Have you read this?");
        ILocator unread = first.Locator("[data-room=markers]").GetByTestId("unread");
        await Assertions.Expect(unread).ToHaveTextAsync("1");
        await second.Locator("[data-room=markers]").ClickAsync();
        await Assertions.Expect(unread).ToBeHiddenAsync();

        await second.CloseAsync();
        await first.CloseAsync();
        await SayAsync(bob, "And this?");
        IPage later = await JoinAsync(visitor, "Mia", "elsewhere");
        await AddRoomAsync(later, "markers");
        await SeeAsync(later.GetByTestId("messages"), "And this?");
        visitor.AssertNothingWentWrong();
    }

    [Fact]
    public async Task It_is_seen_who_has_read_what_one_has_said_and_nobody_has_who_looks_elsewhere()
    {
        await using Visitor visitor = await playground.VisitAsync();
        IPage ada = await JoinAsync(visitor, "Ada", "seen");
        IPage bob = await JoinAsync(visitor, "Bob", "seen");
        await SayAsync(ada, "Look at this");
        ILocator read = ada.GetByTestId("message-line").Filter(new() { Has = ada.GetByTestId("read") });
        await Assertions.Expect(read).ToContainTextAsync("Look at this");
        await Assertions.Expect(ada.GetByTestId("read")).ToHaveTextAsync("Read by Bob");

        await AddRoomAsync(bob, "elsewhere");
        await SayAsync(ada, "And at that");
        await Assertions.Expect(bob.Locator("[data-room=seen]").GetByTestId("unread")).ToHaveTextAsync("1");
        await Assertions.Expect(read).ToContainTextAsync("Look at this");
        // The newest that nobody has read is marked as sent.
        ILocator sent = ada.GetByTestId("message-line").Filter(new() { Has = ada.Locator(".sent:visible") });
        await Assertions.Expect(sent).ToHaveCountAsync(1);
        await Assertions.Expect(sent).ToContainTextAsync("And at that");
        IPage carl = await JoinAsync(visitor, "Carl", "seen");
        await Assertions.Expect(read.Last).ToContainTextAsync("And at that");
        await Assertions.Expect(ada.GetByTestId("read").Last).ToHaveTextAsync("Read by Carl");
        await Assertions.Expect(sent).ToHaveCountAsync(0);
        await ada.ReloadAsync();
        await Assertions.Expect(ada.GetByTestId("read").Last).ToHaveTextAsync("Read by Carl");
        await bob.Locator("[data-room=seen]").ClickAsync();
        await Assertions.Expect(ada.GetByTestId("read").Last).ToHaveTextAsync("Read by Bob, Carl");
        await Assertions.Expect(ada.GetByTestId("read")).ToHaveCountAsync(1);
        await Assertions.Expect(carl.GetByTestId("read")).ToHaveCountAsync(0);
        visitor.AssertNothingWentWrong();
        playground.Server.AssertNothingWentWrong();
    }

    [Fact]
    public async Task In_Firefox_and_Chromium_two_people_talk()
    {
        await using Visitor visitor = await playground.VisitAsync();
        IPage ada = await JoinAsync(visitor, "Ada", "browsers");
        await using BrowserWindow firefox = await playground.OpenWindowAsync(BrowserKind.Firefox);
        Tab bob = await firefox.OpenAsync("/chat");
        await bob.FillAsync("name", "Bob");
        await bob.FillAsync("room", "browsers");
        await bob.ClickAsync("join");
        await bob.HasAsync("state", "online");
        await SeeAsync(ada.GetByTestId("members"), "Bob");
        await SayAsync(ada, "From Chromium");
        await bob.SeeAsync("messages", "From Chromium");
        await bob.FillAsync("message", "From Firefox");
        await bob.ClickAsync("send");
        await SeeAsync(ada.GetByTestId("messages"), "From Firefox");
        firefox.AssertNothingWentWrong();
        visitor.AssertNothingWentWrong();
    }

    [Fact]
    public async Task A_browser_that_is_offline_says_so_and_what_was_written_meanwhile_goes_when_it_is_back()
    {
        await using Visitor visitor = await playground.VisitAsync();
        IPage ada = await JoinAsync(visitor, "Ada", "tunnel");
        await using Visitor other = await playground.VisitAsync();
        IPage bob = await JoinAsync(other, "Bob", "tunnel");
        await visitor.Context.SetOfflineAsync(true);
        await NotOnlineAsync(ada);
        await SayAsync(ada, "From the tunnel");
        await Assertions.Expect(ada.Locator("[data-status=queued]")).ToHaveCountAsync(1);
        await SayAsync(bob, "Are you there?");
        await visitor.Context.SetOfflineAsync(false);
        await OnlineAsync(ada);
        await SeeAsync(bob.GetByTestId("messages"), "From the tunnel");
        await SeeAsync(ada.GetByTestId("messages"), "Are you there?");
        await Assertions.Expect(ada.Locator(".pending")).ToHaveCountAsync(0);
        playground.Server.AssertNothingWentWrong();
    }

    private static async Task<IPage> JoinAsync(Visitor visitor, string name, string room = "general")
    {
        IPage page = await visitor.OpenAsync("/chat");
        await page.GetByTestId("name").FillAsync(name);
        await page.GetByTestId("room").FillAsync(room);
        await page.GetByTestId("join").ClickAsync();
        await OnlineAsync(page);
        return page;
    }

    private static async Task AddRoomAsync(IPage page, string room)
    {
        await page.GetByTestId("add-room").FillAsync(room);
        await page.GetByTestId("add-room-button").ClickAsync();
        await Assertions.Expect(page.Locator("#room-name")).ToHaveTextAsync(room);
        await page.UntilAsync("!document.getElementById('empty').hidden || document.querySelector('[data-testid=message-line]')");
    }

    private static async Task SayAsync(IPage page, string text)
    {
        await page.GetByTestId("message").FillAsync(text);
        await page.GetByTestId("send").ClickAsync();
    }

    private static Task SeeAsync(ILocator locator, string text) =>
        Assertions.Expect(locator).ToContainTextAsync(text, new() { Timeout = (float)Patience.Short.TotalMilliseconds });

    private static Task OnlineAsync(IPage page) =>
        Assertions.Expect(page.GetByTestId("state")).ToHaveTextAsync("online", new() { Timeout = (float)Patience.Long.TotalMilliseconds });

    private static Task NotOnlineAsync(IPage page) =>
        Assertions
            .Expect(page.GetByTestId("state"))
            .Not.ToHaveTextAsync("online", new() { Timeout = (float)Patience.Short.TotalMilliseconds });
}
