using Longwire.Cli.Playground.Streaming;

namespace Longwire.Playground.Tests;

/// <summary>The stream: the same bytes through a reload and in a second tab.</summary>
public sealed class StreamPageTests(Playground playground)
{
    [Fact]
    public async Task Every_byte_comes_once_though_the_page_is_reloaded_and_a_tab_that_comes_late_gets_the_text_so_far_in_one_message()
    {
        string question = "How many wires? " + Guid.NewGuid();
        await using Visitor visitor = await playground.VisitAsync();
        IPage first = await visitor.OpenAsync("/stream");
        await first.GetByTestId("question").FillAsync(question);
        await first.GetByTestId("ask").ClickAsync();
        await first.UntilAsync("Number(document.getElementById('characters').textContent) > 20");
        await first.ReloadAsync();
        await Assertions.Expect(first.GetByTestId("asked")).ToHaveTextAsync(question);

        var received = new LineLog();
        IPage late = await visitor.Context.NewPageAsync();
        late.WebSocket += (_, socket) => socket.FrameReceived += (_, frame) => received.Add(frame.Text ?? "");
        await late.GotoAsync(first.Url);
        await late.UntilAsync("Number(document.getElementById('characters').textContent) > 20");
        // The text so far comes with the answer to the join: one message.
        string[] before = [.. received.Snapshot().TakeWhile(static line => !line.Contains("\"token\"", StringComparison.Ordinal))];
        Assert.Single(before, static line => line.Contains("\"joined-room\"", StringComparison.Ordinal));
        Assert.Single(before, line => line.Contains(question, StringComparison.Ordinal));
        foreach (IPage page in (IPage[])[first, late])
        {
            await Assertions.Expect(page.GetByTestId("whole")).ToContainTextAsync("Complete");
            Assert.Equal(Script.AnswerTo(question), await page.EvaluateAsync<string>("document.getElementById('text').textContent"));
            await Assertions.Expect(page.GetByTestId("wrong")).ToHaveTextAsync("0");
        }

        visitor.AssertNothingWentWrong();
    }

    [Fact]
    public async Task A_question_whose_connection_is_lost_before_the_answer_comes_is_asked_again()
    {
        await using Visitor visitor = await playground.VisitAsync();
        IPage page = await visitor.Context.NewPageAsync();
        int asked = 0;
        await page.RouteWebSocketAsync(
            "**/ws*",
            route =>
            {
                IWebSocketRoute server = route.ConnectToServer();
                route.OnMessage(frame =>
                {
                    if (frame.Text?.Contains("\"question\"", StringComparison.Ordinal) is true && Interlocked.Increment(ref asked) == 1)
                    {
                        _ = server.CloseAsync();
                        _ = route.CloseAsync();
                    }
                    else
                    {
                        server.Send(frame.Text!);
                    }
                });
            }
        );
        await page.GotoAsync("/stream");
        await page.GetByTestId("question").FillAsync("Is anybody there?");
        await page.GetByTestId("ask").ClickAsync();
        await Assertions.Expect(page.GetByTestId("asked")).ToHaveTextAsync("Is anybody there?");
        Assert.Equal(2, asked);
    }

    [Fact]
    public async Task A_stream_that_is_not_there_says_so()
    {
        await using Visitor visitor = await playground.VisitAsync();
        IPage page = await visitor.OpenAsync("/stream?id=../../etc/passwd");
        await Assertions.Expect(page.Locator("#problem")).ToContainTextAsync("There is no such stream");
        visitor.AssertNothingWentWrong();
    }
}
