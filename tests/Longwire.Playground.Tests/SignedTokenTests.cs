using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Longwire.Playground.Tests;

/// <summary>The pages of a server that takes signed tokens only: they ask for one, and work by it.</summary>
public sealed class SignedTokenTests(Playground playground)
{
    private const string Key = "0123456789abcdef0123456789abcdef";

    [Fact]
    public async Task Game_comparison_and_chat_ask_for_a_token_and_work_by_it_and_by_the_one_in_their_address()
    {
        await using LongwireServer server = await LongwireServer.StartOnFreePortAsync("--jwt-key", Key);
        await using Visitor visitor = await playground.VisitAsync(options => options.BaseURL = server.Http);
        IPage game = await visitor.OpenAsync("/game");
        await game.GetByTestId("play").ClickAsync();
        await Assertions.Expect(game.GetByTestId("problem")).ToHaveTextAsync("This server wants a token of yours.");
        Assert.Empty(await Accessibility.FaultsOfAsync(game));
        await game.GetByTestId("token").FillAsync("no token");
        await game.GetByTestId("play").ClickAsync();
        await Assertions.Expect(game.GetByTestId("problem")).ToHaveTextAsync("The server does not take this token.");
        await game.GetByTestId("token").FillAsync(Token());
        await game.GetByTestId("play").ClickAsync();
        await PlaysAsync(game);
        await game.CloseAsync();

        IPage comparison = await visitor.OpenAsync("/compare");
        await Assertions.Expect(comparison.GetByTestId("problem")).ToHaveTextAsync("This server wants a token of yours.");
        await Assertions.Expect(comparison.GetByTestId("run")).ToHaveTextAsync("Begin again");
        Assert.Empty(await Accessibility.FaultsOfAsync(comparison));
        await comparison.GetByTestId("token").FillAsync(Token());
        await comparison.GetByTestId("run").ClickAsync();
        await HearAsync(comparison);
        await comparison.CloseAsync();

        IPage chat = await visitor.OpenAsync("/chat");
        await chat.GetByTestId("name").FillAsync("Mallory");
        await chat.GetByTestId("join").ClickAsync();
        await chat.GetByTestId("token").FillAsync(Token());
        await chat.GetByTestId("reconnect-now").ClickAsync();
        await Assertions.Expect(chat.GetByTestId("members")).ToHaveTextAsync("Ada Lovelace");
        await chat.CloseAsync();

        string query = "?token=" + Token();
        game = await visitor.OpenAsync("/game" + query);
        await game.GetByTestId("play").ClickAsync();
        await PlaysAsync(game);
        await game.CloseAsync();
        comparison = await visitor.OpenAsync("/compare" + query);
        await HearAsync(comparison);
        await comparison.CloseAsync();
        visitor.AssertNothingWentWrong();
        server.AssertNothingWentWrong();
    }

    private static async Task PlaysAsync(IPage game)
    {
        await Assertions.Expect(game.GetByTestId("ranks")).ToContainTextAsync("bot");
        await game.UntilAsync("play.ranks.players.some(({ name }) => name === 'Ada Lovelace') && play.snapshots.compared > 10");
        Assert.Equal(0, await game.EvaluateAsync<int>("play.snapshots.wrong"));
    }

    private static Task HearAsync(IPage comparison) =>
        comparison.UntilAsync(
            "globalThis.comparison && Object.values(comparison.ways).every(({ heard, missing }) => heard > 2 && missing === 0)"
        );

    private static string Token() =>
        new JsonWebTokenHandler().CreateToken(
            new SecurityTokenDescriptor
            {
                Claims = new Dictionary<string, object> { ["sub"] = "ada", ["name"] = "Ada Lovelace" },
                Expires = DateTime.UtcNow.AddHours(1),
                SigningCredentials = new SigningCredentials(
                    new SymmetricSecurityKey(Encoding.UTF8.GetBytes(Key)),
                    SecurityAlgorithms.HmacSha256
                ),
            }
        );
}
