using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Longwire.Hubs.Tests;

public sealed class RoomTemplateTests
{
    [Theory]
    [InlineData("metrics", "metrics", "")]
    [InlineData("chat:{name}", "chat:tea", "name=tea")]
    [InlineData("chat:{name}", "chat:T e\u00e9 \U0001F375", "name=T e\u00e9 \U0001F375")]
    [InlineData("{room}", "anything", "room=anything")]
    [InlineData("{a}:{b}", "x:y", "a=x;b=y")]
    [InlineData("order:{id:int}:lines", "order:7:lines", "id=7")]
    [InlineData("board:{id:int:min(5)}", "board:5", "id=5")]
    [InlineData("code:{c:regex(^a:b$)}", "code:a", null)]
    [InlineData("file-{name}.txt", "file-a.b.txt", "name=a.b")]
    [InlineData("files:{**rest}", "files:a:b:c", "rest=a:b:c")]
    [InlineData("{**rest}", "a", "rest=a")]
    [InlineData("metrics", "Metrics", null)]
    [InlineData("chat:{name}", "chat:", null)]
    [InlineData("chat:{name}", "chat", null)]
    [InlineData("chat:{name}", "chat:a:b", null)]
    [InlineData("chat:{name}", "Chat:a", null)]
    [InlineData("files:{**rest}", "files:", null)]
    [InlineData("board:{id:int}", "board:x", null)]
    [InlineData("file-{name}.txt", "file-.txt", null)]
    [InlineData("{a}:{b}", "x", null)]
    public void A_name_matches_or_does_not(string template, string room, string? values)
    {
        bool matches = Parse(template).TryMatch(room, out IReadOnlyDictionary<string, string>? found);
        Assert.Equal(values is not null, matches);
        Assert.Equal(values, found is null ? null : string.Join(';', found.Select(value => $"{value.Key}={value.Value}")));
    }

    [Fact]
    public void A_template_is_normalized_as_names_are() => Assert.True(Parse("cafe\u0301").TryMatch("caf\u00e9", out _));

    [Theory]
    [InlineData("", "blank")]
    [InlineData("a\u0000", "control characters")]
    [InlineData("chat:{name", "braces")]
    [InlineData("chat:name}", "braces")]
    [InlineData("chat:}{", "braces")]
    [InlineData("chat::{name}", "nothing between two colons")]
    [InlineData("chat:", "before or after")]
    [InlineData("{}", "no parameter")]
    [InlineData("{a}{b}", "no parameter")]
    [InlineData("{a b}", "no parameter")]
    [InlineData("{id}:{ID}", "twice")]
    [InlineData("{**rest}:x", "last segment")]
    [InlineData("x{**rest}", "last segment")]
    [InlineData("{id:number}", "no constraint \"number\"")]
    [InlineData("{id:range(1)}", "no constraint \"range(1)\"")]
    public void What_is_no_template_is_explained(string template, string words)
    {
        string? fault = RoomTemplateParser.Read(template, Constraints(), out RoomTemplate? read);
        Assert.Null(read);
        Assert.Contains(words, fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Half_of_a_surrogate_pair_is_no_template() =>
        Assert.Contains("surrogate", RoomTemplateParser.Read("\ud800", Constraints(), out _), StringComparison.Ordinal);

    [Theory]
    [InlineData("a:x", "a:{y} a:x {**z}")]
    [InlineData("a:{y}", "{**z} a:{y} {x}:b", "a:b")]
    [InlineData("a:{y:int}", "a:{y} a:{y:int} a:{**y}", "a:1")]
    [InlineData("a:{y}", "a:{y} a:{y:int} a:{**y}", "a:b")]
    [InlineData("a:{**y}", "a:{y} a:{y:int} a:{**y}", "a:b:c")]
    [InlineData("a:b-{y}", "a:{y:alpha} a:b-{y} a:{y}", "a:b-c")]
    [InlineData("a:{y:guid}", "a:{y:int} a:{y:guid} a:{y}", "a:0f8fad5b-d9cb-469f-a165-70867728950e")]
    public void The_literal_goes_before_the_constrained_the_free_and_the_rest(string expected, string templates, string? room = null)
    {
        var router = new RoomRouter(templates.Split(' ').Select(text => new RoomEndpoint(null!, Parse(text), new RoomOptions())));
        Assert.Equal(expected, router.Find(room ?? expected)?.Template.Text);
    }

    [Fact]
    public void A_room_that_nothing_matches_has_no_endpoint() =>
        Assert.Null(new RoomRouter([new RoomEndpoint(null!, Parse("chat:{name}"), new RoomOptions())]).Find("chta:1"));

    [Theory]
    [InlineData(
        "chat:{id} chat:{name}",
        "MapRoom(\"chat:{id}\") and MapRoom(\"chat:{name}\") match the same rooms, for example \"chat:x\". Constrain one, as {id:int}."
    )]
    [InlineData(
        "o:{id:int} o:{id:long}",
        "MapRoom(\"o:{id:int}\") and MapRoom(\"o:{id:long}\") match the same rooms, for example \"o:1\". Constrain one, as {id:int}."
    )]
    [InlineData("metrics metrics", "MapRoom(\"metrics\") is there twice. Map the room once.")]
    [InlineData("o:{id:int} o:{id:guid}", null)]
    [InlineData("a:{x} {y}:b", null)]
    [InlineData("a:{x} a:{x}:b a:{**x} a", null)]
    public void Templates_that_match_the_same_rooms_are_found(string templates, string? fault) =>
        Assert.Equal(fault, RoomRouter.FindFaults([.. templates.Split(' ').Select(Parse)]).SingleOrDefault());

    private static RoomTemplate Parse(string text)
    {
        Assert.Null(RoomTemplateParser.Read(text, Constraints(), out RoomTemplate? template));
        return template!;
    }

    private static IInlineConstraintResolver Constraints() =>
        new ServiceCollection().AddRouting().AddLogging().BuildServiceProvider().GetRequiredService<IInlineConstraintResolver>();
}
