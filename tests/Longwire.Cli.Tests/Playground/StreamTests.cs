using Longwire.Cli.Playground.Streaming;

namespace Longwire.Cli.Tests;

public sealed class StreamTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("longwire-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("Why?")]
    [InlineData("Warum?")]
    [InlineData("")]
    public void A_question_always_has_the_same_answer_and_its_pieces_are_whole_characters_that_make_it_up(string question)
    {
        string answer = Script.AnswerTo(question);
        Assert.Equal(answer, Script.AnswerTo(question));
        Assert.True(answer.Length > 500);
        string told = "";
        while (told.Length < answer.Length)
        {
            int end = Script.NextEnd(answer, told.Length);
            Assert.InRange(end, told.Length + 1, answer.Length);
            string piece = answer[told.Length..end];
            Assert.False(char.IsLowSurrogate(piece[0]) || char.IsHighSurrogate(piece[^1]), piece);
            told += piece;
        }

        Assert.Equal(answer, told);
    }

    [Fact]
    public void A_long_question_has_a_long_answer() =>
        Assert.InRange(Script.AnswerTo(new string('?', 300)).Length, 2 * Script.AnswerTo("?").Length, 10_000);

    [Fact]
    public void What_was_written_down_is_read_again_by_another_journal_of_the_folder()
    {
        var journal = new Journal(_folder.FullName);
        string id = journal.Begin("Two\nlines?");
        journal.Append(id, "a 🙂");
        journal.Append(id, " and more\nof it");
        var other = new Journal(_folder.FullName);
        Assert.Equal([id], other.Ids);
        Assert.Equal(("Two lines?", "a 🙂 and more\nof it"), other.Read(id));
    }

    [Theory]
    [InlineData("../secret")]
    [InlineData("0123456789abcdef")]
    [InlineData("")]
    [InlineData("0123456789ABCDEF")]
    public void What_is_no_id_of_a_stream_is_none(string id)
    {
        File.WriteAllText(Path.Combine(_folder.FullName, "secret.txt"), "secret\nsecret");
        Assert.Null(new Journal(Path.Combine(_folder.FullName, "streams")).Read(id));
    }

    [Fact]
    public void A_hundred_streams_are_kept_and_the_oldest_are_forgotten()
    {
        var journal = new Journal(_folder.FullName);
        string first = journal.Begin("first");
        File.SetLastWriteTimeUtc(Path.Combine(_folder.FullName, first + ".txt"), DateTime.UtcNow.AddHours(-1));
        for (int i = 0; i < 100; i++)
        {
            journal.Begin("more");
        }

        Assert.Equal(100, journal.Ids.Count());
        Assert.Null(journal.Read(first));
    }
}
