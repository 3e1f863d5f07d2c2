using System.Runtime.InteropServices;

namespace Longwire.Protocol.Tests;

/// <summary>Each rule on frames and closing, for both roles: the case whole, cut at every offset, and byte by byte.</summary>
public sealed class MessageReceiverTests
{
    private static readonly Dictionary<string, Case> _cases = AllCases().ToDictionary(item => item.Name);

    public static TheoryData<WebSocketRole, string> Cases
    {
        get
        {
            var data = new TheoryData<WebSocketRole, string>();
            foreach (string name in _cases.Keys)
            {
                data.Add(WebSocketRole.Server, name);
                data.Add(WebSocketRole.Client, name);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_rule_holds_however_the_bytes_are_cut(WebSocketRole role, string name)
    {
        Case item = _cases[name];
        byte[] bytes = item.Bytes(role);
        foreach (IReadOnlyList<byte[]> pieces in Splits.Of(bytes))
        {
            Assert.Equal(item.Expected, Transcript.Of(role, pieces, item.Limits));
        }

        Assert.Equal(item.Expected, NaiveReceiver.Transcript(role, bytes, item.Limits));
    }

    [Theory]
    [InlineData(WebSocketRole.Server)]
    [InlineData(WebSocketRole.Client)]
    public void A_frame_with_the_wrong_mask_fails(WebSocketRole role)
    {
        ProtocolError expected = role == WebSocketRole.Server ? ProtocolErrors.ClientFrameNotMasked : ProtocolErrors.ServerFrameMasked;
        WebSocketRole wrong = role == WebSocketRole.Server ? WebSocketRole.Client : WebSocketRole.Server;
        foreach (int opcode in (int[])[1, 2, 8, 9, 10])
        {
            foreach (IReadOnlyList<byte[]> pieces in Splits.Of(Wire.To(wrong, opcode, [])))
            {
                Assert.Equal([Transcript.Error(expected)], Transcript.Of(role, pieces));
            }
        }
    }

    [Theory]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(127)]
    [InlineData(65535)]
    [InlineData(65536)]
    public void A_message_at_each_boundary_of_the_length_is_received_however_it_is_cut(int length)
    {
        byte[] payload = new byte[length];
        new Random(length).NextBytes(payload);
        foreach (WebSocketRole role in Enum.GetValues<WebSocketRole>())
        {
            byte[] bytes = Wire.To(role, 2, payload);
            int headerEnd = bytes.Length - length;
            int[] cuts = [.. Enumerable.Range(1, headerEnd + 8), bytes.Length - 5, bytes.Length - 1];
            foreach (int cut in cuts)
            {
                Assert.Equal([Transcript.Message(MessageType.Binary, payload)], Transcript.Of(role, [bytes[..cut], bytes[cut..]]));
            }

            Assert.Equal([Transcript.Message(MessageType.Binary, payload)], Transcript.Of(role, [bytes]));
            Assert.Equal([Transcript.Message(MessageType.Binary, payload)], Transcript.Of(role, bytes.Select(value => new[] { value })));
        }
    }

    [Theory]
    [InlineData(WebSocketRole.Server)]
    [InlineData(WebSocketRole.Client)]
    public void A_frame_over_the_limit_fails_at_its_header_and_nothing_of_its_size_is_reserved(WebSocketRole role)
    {
        byte[]? key = role == WebSocketRole.Server ? Wire.Key : null;
        foreach (long length in (long[])[(1 << 20) + 1, 100 << 20, 1L << 31, long.MaxValue])
        {
            Assert.Equal([Transcript.Error(ProtocolErrors.MessageTooBig)], Transcript.Of(role, [Wire.Header(2, length, key: key)]));
        }

        var receiver = new MessageReceiver(role, new ReceiverLimits { MaxMessageBytes = 1 << 30 });
        byte[] header = [.. Wire.Header(2, 1 << 30, key: key), 1, 2, 3];
        long before = GC.GetAllocatedBytesForCurrentThread();
        Span<byte> input = header;
        Assert.Equal(ReceivedKind.Nothing, receiver.Read(ref input, out _));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4096);
        Assert.True(receiver.IsInsideMessage);
        receiver.End();
    }

    [Fact]
    public void A_message_of_a_million_one_byte_fragments_fails_at_the_limit_and_costs_no_more_than_its_payload()
    {
        byte[] first = Wire.To(WebSocketRole.Server, 2, [7], fin: false);
        byte[] fragment = Wire.To(WebSocketRole.Server, 0, [7], fin: false);
        byte[] empty = Wire.To(WebSocketRole.Server, 0, [], fin: false);
        foreach (byte[] next in (byte[][])[fragment, empty])
        {
            byte[] wire = new byte[first.Length + (next.Length * ReceiverLimits.Default.MaxFragments)];
            first.CopyTo(wire, 0);
            for (int at = first.Length; at < wire.Length; at += next.Length)
            {
                next.CopyTo(wire, at);
            }

            var receiver = new MessageReceiver(WebSocketRole.Server, ReceiverLimits.Default);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Span<byte> input = wire;
            Assert.Equal(ReceivedKind.Error, receiver.Read(ref input, out Received received));
            Assert.Equal(ProtocolErrors.TooManyFragments, received.Error);
            Assert.True(input.Length < next.Length);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        }
    }

    [Fact]
    public void As_many_fragments_as_allowed_are_one_message()
    {
        var limits = new ReceiverLimits { MaxFragments = 3 };
        byte[] Fragments(int count) =>
            Wire.Join(
                Enumerable.Range(0, count).Select(i => Wire.To(WebSocketRole.Server, i == 0 ? 2 : 0, Wire.Utf8("x"), fin: i == count - 1))
            );
        Assert.Equal(["Binary 'xxx'"], Transcript.Of(WebSocketRole.Server, [Fragments(3)], limits));
        Assert.Equal([Transcript.Error(ProtocolErrors.TooManyFragments)], Transcript.Of(WebSocketRole.Server, [Fragments(4)], limits));
    }

    [Fact]
    public void Text_fails_at_the_first_byte_that_cannot_be_right_inside_an_unfinished_frame()
    {
        byte[] payload = [.. Wire.Utf8("€uro and more"), 0xC0, .. new byte[100]];
        byte[] bytes = Wire.To(WebSocketRole.Server, 1, payload, fin: false);
        int wrong = bytes.Length - 101;
        Assert.Empty(Transcript.Of(WebSocketRole.Server, [bytes[..wrong]]));
        Assert.Equal([Transcript.Error(ProtocolErrors.TextNotUtf8)], Transcript.Of(WebSocketRole.Server, [bytes[..(wrong + 1)]]));
    }

    [Fact]
    public void A_message_that_lies_whole_in_the_input_is_handed_out_where_it_lies_without_allocating()
    {
        byte[] payload = new byte[1024];
        byte[] wire = Wire.To(WebSocketRole.Server, 2, payload);
        byte[] buffer = new byte[wire.Length];
        var receiver = new MessageReceiver(WebSocketRole.Server, ReceiverLimits.Default);
        for (int round = 0; round < 3; round++)
        {
            wire.CopyTo(buffer, 0);
            Span<byte> input = buffer;
            long before = GC.GetAllocatedBytesForCurrentThread();
            receiver.Read(ref input, out Received received);
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(MemoryMarshal.AsBytes<byte>(buffer).Overlaps(received.Payload, out int offset));
            Assert.Equal(wire.Length - payload.Length, offset);
            Assert.False(receiver.TryTakeAssembly(out _));
            Assert.True(round == 0 || allocated == 0, $"{allocated} bytes allocated");
        }
    }

    [Fact]
    public void A_cut_or_fragmented_message_is_assembled_in_pooled_memory_without_allocating_once_warm()
    {
        byte[] wire = Wire.Join(
            Wire.To(WebSocketRole.Server, 1, new byte[600], fin: false),
            Wire.To(WebSocketRole.Server, 9, new byte[20]),
            Wire.To(WebSocketRole.Server, 0, new byte[600])
        );
        byte[] buffer = new byte[wire.Length];
        var receiver = new MessageReceiver(WebSocketRole.Server, ReceiverLimits.Default);
        long allocated = 0;
        for (int round = 0; round < 20; round++)
        {
            wire.CopyTo(buffer, 0);
            long before = GC.GetAllocatedBytesForCurrentThread();
            int messages = 0;
            for (int at = 0; at < buffer.Length; at += 13)
            {
                Span<byte> input = buffer.AsSpan(at, Math.Min(13, buffer.Length - at));
                while (receiver.Read(ref input, out Received received) != ReceivedKind.Nothing)
                {
                    messages += received.Kind == ReceivedKind.Message && received.Payload.Length == 1200 ? 1 : 0;
                }
            }

            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.Equal(1, messages);
            Assert.False(receiver.IsInsideMessage);
        }

        Assert.Equal(0, allocated);
    }

    [Fact]
    public void The_memory_of_an_assembled_message_can_be_taken_over()
    {
        byte[] wire = Wire.To(WebSocketRole.Server, 2, Wire.Utf8("assembled"));
        var receiver = new MessageReceiver(WebSocketRole.Server, ReceiverLimits.Default);
        for (int round = 0; round < 2; round++)
        {
            Span<byte> first = [.. wire.AsSpan(0, 9)];
            Span<byte> second = [.. wire.AsSpan(9)];
            Assert.Equal(ReceivedKind.Nothing, receiver.Read(ref first, out _));
            Assert.Equal(ReceivedKind.Message, receiver.Read(ref second, out Received received));
            Assert.Equal("assembled"u8, received.Payload);
            Assert.True(receiver.TryTakeAssembly(out byte[] array));
            Assert.Equal("assembled"u8, array.AsSpan(0, 9));
            Assert.False(receiver.TryTakeAssembly(out _));
        }
    }

    [Fact]
    public void An_ended_receiver_ignores_what_comes()
    {
        var receiver = new MessageReceiver(WebSocketRole.Server, ReceiverLimits.Default);
        Span<byte> half = Wire.To(WebSocketRole.Server, 2, new byte[50]).AsSpan(0, 30);
        receiver.Read(ref half, out _);
        receiver.End();
        receiver.End();
        Assert.False(receiver.IsInsideMessage);
        Span<byte> input = Wire.To(WebSocketRole.Server, 1, Wire.Utf8("late"));
        Assert.Equal(ReceivedKind.Nothing, receiver.Read(ref input, out _));
        Assert.True(input.IsEmpty);
    }

    [Fact]
    public void Being_inside_a_message_is_known()
    {
        byte[] wire = Wire.Join(
            Wire.To(WebSocketRole.Server, 1, Wire.Utf8("ab"), fin: false),
            Wire.To(WebSocketRole.Server, 0, Wire.Utf8("c"))
        );
        var receiver = new MessageReceiver(WebSocketRole.Server, ReceiverLimits.Default);
        Assert.False(receiver.IsInsideMessage);
        for (int i = 0; i < wire.Length; i++)
        {
            Span<byte> input = [wire[i]];
            receiver.Read(ref input, out _);
            Assert.Equal(i != wire.Length - 1, receiver.IsInsideMessage);
        }
    }

    [Fact]
    public void A_receiver_has_limits()
    {
        Assert.Throws<ArgumentNullException>(() => new MessageReceiver(WebSocketRole.Server, null!));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ReceiverLimits { MaxMessageBytes = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ReceiverLimits { MaxMessageBytes = (1 << 30) + 1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ReceiverLimits { MaxFragments = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ReceiverLimits { MaxStreamedMessageBytes = -1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ReceiverLimits { MaxStreamedMessageBytes = (1L << 50) + 1 });
    }

    [Fact]
    public void It_counts_what_has_arrived_of_a_message_and_one_for_each_fragment_and_no_control_frame()
    {
        var receiver = new MessageReceiver(WebSocketRole.Client, ReceiverLimits.Default);
        long Read(byte[] wire)
        {
            Span<byte> input = wire;
            while (receiver.Read(ref input, out _) != ReceivedKind.Nothing) { }

            return receiver.ArrivedBytes;
        }

        Assert.Equal((0, 0), (receiver.ArrivedBytes, receiver.HeldBytes));
        Assert.Equal(4, Read(Wire.To(WebSocketRole.Client, 1, [1, 2, 3], fin: false)));
        Assert.InRange(receiver.HeldBytes, 3, 1024);
        Assert.Equal(4, Read(Wire.To(WebSocketRole.Client, 9, [9, 9])));
        Assert.Equal(5, Read(Wire.To(WebSocketRole.Client, 0, [], fin: false)));
        Assert.Equal(7, Read(Wire.To(WebSocketRole.Client, 0, [4, 5])[..3]));
        Assert.Equal(0, Read([5]));
        Assert.Equal(0, receiver.HeldBytes);
    }

    private static IEnumerable<Case> AllCases()
    {
        static Case Good(string name, Func<WebSocketRole, byte[]> bytes, params string[] expected) =>
            new(name, bytes, expected, ReceiverLimits.Default);
        static Case Bad(string name, ProtocolError error, Func<WebSocketRole, byte[]> bytes) => Good(name, bytes, Transcript.Error(error));

        yield return Good("text", role => Wire.To(role, 1, Wire.Utf8("Hello")), "Text 'Hello'");
        yield return Good("binary", role => Wire.To(role, 2, [0, 1, 255]), "Binary 0001FF");
        yield return Good("empty text", role => Wire.To(role, 1, []), "Text ''");
        yield return Good("empty binary", role => Wire.To(role, 2, []), "Binary ''");
        yield return Good(
            "characters of every length",
            role => Wire.To(role, 1, Wire.Utf8("aé€😀")),
            Transcript.Message(MessageType.Text, Wire.Utf8("aé€😀"))
        );
        yield return Good(
            "two messages",
            role => [.. Wire.To(role, 1, Wire.Utf8("a")), .. Wire.To(role, 2, Wire.Utf8("b"))],
            "Text 'a'",
            "Binary 'b'"
        );
        yield return Good(
            "fragments",
            role =>
                [
                    .. Wire.To(role, 1, Wire.Utf8("He"), fin: false),
                    .. Wire.To(role, 0, Wire.Utf8("l"), fin: false),
                    .. Wire.To(role, 0, Wire.Utf8("lo")),
                ],
            "Text 'Hello'"
        );
        yield return Good(
            "empty fragments",
            role => [.. Wire.To(role, 2, [], fin: false), .. Wire.To(role, 0, [], fin: false), .. Wire.To(role, 0, [])],
            "Binary ''"
        );
        yield return Good(
            "a character cut by fragments",
            role => [.. Wire.To(role, 1, [0xE2], fin: false), .. Wire.To(role, 0, [0x82], fin: false), .. Wire.To(role, 0, [0xAC])],
            "Text E282AC"
        );
        yield return Good(
            "control frames between fragments",
            role =>
                [
                    .. Wire.To(role, 1, Wire.Utf8("a"), fin: false),
                    .. Wire.To(role, 9, Wire.Utf8("p")),
                    .. Wire.To(role, 0, Wire.Utf8("b"), fin: false),
                    .. Wire.To(role, 10, []),
                    .. Wire.To(role, 0, Wire.Utf8("c")),
                    .. Wire.To(role, 1, Wire.Utf8("next")),
                ],
            "Ping 'p'",
            "Pong ''",
            "Text 'abc'",
            "Text 'next'"
        );
        yield return Good(
            "a message after one that was cut in its character",
            role => [.. Wire.To(role, 1, Wire.Utf8("😀")), .. Wire.To(role, 1, Wire.Utf8("😀"))],
            "Text F09F9880",
            "Text F09F9880"
        );
        yield return Good("ping with 125 bytes", role => Wire.To(role, 9, new byte[125]), Transcript.Ping(new byte[125]));
        yield return Good("unasked pong", role => Wire.To(role, 10, Wire.Utf8("x")), "Pong 'x'");
        yield return Good("empty Close", role => Wire.To(role, 8, []), Transcript.Close(1005));
        yield return Good(
            "Close with a reason",
            role => Wire.To(role, 8, Wire.ClosePayload(1001, "bye €")),
            Transcript.Close(1001, "bye €")
        );
        yield return Good(
            "Close with the longest reason",
            role => Wire.To(role, 8, Wire.ClosePayload(3000, new string('x', 123))),
            Transcript.Close(3000, new string('x', 123))
        );
        yield return Good(
            "whatever follows a Close is ignored",
            role => [.. Wire.To(role, 8, Wire.ClosePayload(1000)), .. Wire.To(role, 1, Wire.Utf8("late")), 0xFF, 0xFF, 0xFF],
            Transcript.Close(1000)
        );
        yield return Good(
            "Close inside an unfinished message",
            role => [.. Wire.To(role, 1, Wire.Utf8("a"), fin: false), .. Wire.To(role, 8, Wire.ClosePayload(1000))],
            Transcript.Close(1000)
        );

        for (int reserved = 1; reserved < 8; reserved++)
        {
            int bits = reserved;
            yield return Bad(
                $"RSV {bits:b3} on text",
                ProtocolErrors.ReservedBits,
                role => Wire.To(role, 1, Wire.Utf8("a"), reserved: bits)
            );
            yield return Bad($"RSV {bits:b3} on ping", ProtocolErrors.ReservedBits, role => Wire.To(role, 9, [], reserved: bits));
        }

        foreach (int opcode in (int[])[3, 4, 5, 6, 7, 11, 12, 13, 14, 15])
        {
            yield return Bad($"opcode {opcode}", ProtocolErrors.ReservedOpcode, role => Wire.To(role, opcode, []));
        }

        foreach (int opcode in (int[])[8, 9, 10])
        {
            yield return Bad(
                $"fragmented control frame {opcode}",
                ProtocolErrors.ControlFragmented,
                role => Wire.To(role, opcode, [], fin: false)
            );
            yield return Bad(
                $"control frame {opcode} of 126 bytes",
                ProtocolErrors.ControlTooLong,
                role => Wire.To(role, opcode, new byte[126])
            );
        }

        yield return Bad("control frame of 64-bit length", ProtocolErrors.ControlTooLong, role => Wire.To(role, 9, new byte[65536])[..20]);
        yield return Bad("continuation without a message", ProtocolErrors.UnexpectedContinuation, role => Wire.To(role, 0, Wire.Utf8("a")));
        yield return new Case(
            "continuation after the message's end",
            role => [.. Wire.To(role, 1, Wire.Utf8("a")), .. Wire.To(role, 0, Wire.Utf8("b"))],
            ["Text 'a'", Transcript.Error(ProtocolErrors.UnexpectedContinuation)],
            ReceiverLimits.Default
        );
        foreach (int opcode in (int[])[1, 2])
        {
            yield return Bad(
                $"new data frame {opcode} inside a message",
                ProtocolErrors.ExpectedContinuation,
                role => [.. Wire.To(role, 2, Wire.Utf8("a"), fin: false), .. Wire.To(role, opcode, Wire.Utf8("b"))]
            );
        }

        foreach ((int length, int form) in ((int, int)[])[(5, 16), (125, 16), (5, 64), (200, 64), (65535, 64)])
        {
            yield return Bad(
                $"length {length} in {form} bits",
                ProtocolErrors.LengthNotMinimal,
                role => Wire.Header(2, length, key: KeyOf(role), lengthForm: form)
            );
        }

        yield return Bad(
            "64-bit length with its top bit",
            ProtocolErrors.LengthTopBit,
            role => Wire.Header(2, -1, key: KeyOf(role), lengthForm: 64)
        );
        yield return Bad(
            "smallest length with its top bit",
            ProtocolErrors.LengthTopBit,
            role => Wire.Header(2, long.MinValue, key: KeyOf(role), lengthForm: 64)
        );
        yield return Bad("largest length there is", ProtocolErrors.MessageTooBig, role => Wire.Header(2, long.MaxValue, key: KeyOf(role)));

        var ten = new ReceiverLimits { MaxMessageBytes = 10 };
        yield return new Case("message at the limit", role => Wire.To(role, 1, Wire.Utf8("0123456789")), ["Text '0123456789'"], ten);
        yield return new Case(
            "message over the limit",
            role => Wire.To(role, 1, Wire.Utf8("0123456789a")),
            [Transcript.Error(ProtocolErrors.MessageTooBig)],
            ten
        );
        yield return new Case(
            "fragments at the limit",
            role => [.. Wire.To(role, 1, Wire.Utf8("01234"), fin: false), .. Wire.To(role, 0, Wire.Utf8("56789"))],
            ["Text '0123456789'"],
            ten
        );
        yield return new Case(
            "fragments over the limit",
            role => [.. Wire.To(role, 1, Wire.Utf8("01234"), fin: false), .. Wire.To(role, 0, Wire.Utf8("567890"))],
            [Transcript.Error(ProtocolErrors.MessageTooBig)],
            ten
        );
        yield return new Case(
            "the limit counts each message anew",
            role =>
                [
                    .. Wire.To(role, 1, Wire.Utf8("01234"), fin: false),
                    .. Wire.To(role, 0, []),
                    .. Wire.To(role, 1, Wire.Utf8("0123456789")),
                ],
            ["Text '01234'", "Text '0123456789'"],
            ten
        );

        foreach (string hex in (string[])["80", "C0AF", "EDA080", "F4908080", "C3", "E282", "F09F98"])
        {
            byte[] wrong = [(byte)'a', .. Convert.FromHexString(hex)];
            yield return Bad($"text ending in {hex}", ProtocolErrors.TextNotUtf8, role => Wire.To(role, 1, wrong));
            yield return Bad(
                $"fragmented text ending in {hex}",
                ProtocolErrors.TextNotUtf8,
                role => [.. Wire.To(role, 1, wrong[..1], fin: false), .. Wire.To(role, 0, wrong[1..])]
            );
        }

        yield return Bad("Close with one byte", ProtocolErrors.ClosePayloadTooShort, role => Wire.To(role, 8, [3]));
        foreach (int status in (int[])[0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535])
        {
            yield return Bad(
                $"Close with {status}",
                ProtocolErrors.CloseStatusInvalid,
                role => Wire.To(role, 8, Wire.ClosePayload(status))
            );
        }

        foreach (int status in (int[])[1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999])
        {
            yield return Good($"Close with {status}", role => Wire.To(role, 8, Wire.ClosePayload(status)), Transcript.Close(status));
        }

        yield return Bad(
            "Close with a reason that is not UTF-8",
            ProtocolErrors.CloseReasonNotUtf8,
            role => Wire.To(role, 8, [.. Wire.ClosePayload(1000), 0xC3])
        );
    }

    private static byte[]? KeyOf(WebSocketRole receiver) => receiver == WebSocketRole.Server ? Wire.Key : null;

    private sealed record Case(string Name, Func<WebSocketRole, byte[]> Bytes, string[] Expected, ReceiverLimits Limits);
}
