import type { Chapter } from './chapter.ts';

/** What is around section 4.6: 4.4, 4.5, 4.7, and what follows from it. */
export const beyond: readonly Chapter[] = [
	{
		id: 'new-backup',
		title: { en: 'Alone, and then not any more', zh: '先是独自工作，然后有了新备机' },
		question: { en: 'After the takeover nothing needs replicating: there is nobody to replicate to. What when the next machine dies?', zh: '接管之后不再需要复制任何东西，因为没有别的副本了。那么下一台机器死掉时怎么办？' },
		run: {
			command: 'run new-backup',
			quotes: ['Again and again a machine dies. Each time the other goes on, and each time a new backup makes the pair whole.', 'While it is alone nothing is replicated: no log is sent, and no output waits.', 'It is no member: it asks nobody, takes nothing over, and sends nothing to the clients, for ever.'],
		},
		look: { en: 'The whole machine is copied while the clients keep asking. A half-joined backup never takes over, whatever dies; a planned stop hands over without one repeated frame.', zh: '在客户端不断请求的同时，整台机器被复制过去。只加入了一半的备机绝不会接管；有计划的停机交接时，一帧也不会重复。' },
		next: {
			command: 'run new-backup --arm planned-stop', quotes: ['0 outputs repeated, 0 frames seen twice'],
			text: { en: 'A primary that says goodbye leaves nothing to repeat.', zh: '主机先道别再离开，就没有什么需要重发。' },
		},
		exercises: ['epochs'],
	},
	{
		id: 'divergence',
		title: { en: 'Everything comes from the log', zh: '一切都来自日志' },
		question: { en: 'Packets, timers, time, random numbers: what if the backup took just one of them from itself?', zh: '数据包、定时器、时间、随机数：如果备机只有其中一样取自自己，会怎样？' },
		run: {
			command: 'run divergence',
			quotes: ['Behind every entry the two machines are the same, byte for byte.', 'The backup takes its own random numbers, and the images part at a named entry and field.', 'A second client is told of another ticket than the first was.'],
		},
		look: { en: 'Each arm names the entry and the field at which the two memories part, with both values. Look at timers: the repeated reply says something else, and TCP, which compares numbers and not bytes, does not notice.', zh: '每种情形都指出两份内存在哪一条目、哪一字段开始不同，以及各自的值。看看 timers：重发的回复内容变了，而 TCP 只比较序号、不比较字节，没有发现。' },
		next: {
			command: 'run divergence --arm refuses', quotes: ['and does not go live: no service rather than another one'],
			text: { en: 'With digests in the log the backup finds out by itself, and refuses to go live.', zh: '日志里有了摘要，备机自己就能发现，并拒绝上线。' },
		},
		exercises: ['parting'],
	},
	{
		id: 'slow-backup',
		title: { en: 'The backup falls behind', zh: '备机落后了' },
		question: { en: 'How long does a takeover take, and what if the backup is slow?', zh: '接管要多久？如果备机很慢呢？' },
		run: {
			command: 'run slow-backup',
			quotes: ['The lag grows as long as the clients go on: nothing holds the primary back.', 'From the death of the primary until clients hear of the new one: detection, drain and switch.', 'A slow feedback loop brings the lag back to what is allowed', 'Heartbeats bypass the buffer and are answered: each knows that the other lives, and nobody asks the arbiter.'],
		},
		look: { en: 'A takeover is detection, drain and switch, and each is measured. A slow backup makes the drain long; slowing the primary down makes it short again, and every client pays for that.', zh: '接管时间由检测、消费日志、切换三部分组成，各自都有测量。备机慢，消费就久；让主机慢下来可以缩短它，代价由每个客户端承担。' },
		next: {
			command: 'run slow-backup --arm full', quotes: ['The backup\'s buffer is full, then the primary\'s own: the primary stops.'],
			text: { en: 'A buffer that is full stops the primary, but not the heartbeats.', zh: '缓冲区满了，主机停下来，心跳却不停。' },
		},
		exercises: ['failover'],
	},
	{
		id: 'output-from-backup',
		title: { en: 'Input at the primary, output from the backup', zh: '主机接收输入，备机发送输出' },
		question: { en: 'Could the primary take the input, and the backup send the output?', zh: '能不能让主机接收输入，而由备机发送输出？' },
		run: {
			command: 'run output-from-backup',
			quotes: ['A reply waits for one way over the log link, not for a round trip: whoever has executed an entry knows that the other has it.', 'The backup itself sent what was sent. It takes over and repeats nothing.', 'here it is the death of the backup that makes the duplicate', 'What is sent has to be executed first, and not merely received'],
		},
		look: {
			en: 'Compare the two columns. The reply comes sooner, there are fewer acknowledgements, and the death of the primary repeats nothing: whoever sent the reply knows that it did. But now the death of the backup does, every reply waits for a slow backup, and the switch must be kept from learning where the replies come from. The duplicate has moved; it has not gone away.',
			zh: '比较两列。回复来得更早，确认更少，主机死掉时什么也不重发：发出回复的那台机器自己知道已经发过。但现在轮到备机的死亡造成重复，每个回复都要等慢备机，而且必须不让交换机从回复学习地址。重复只是换了地方，并没有消失。',
		},
		next: {
			command: 'run output-from-backup --arm port-learns', quotes: ['From then on the client\'s frames come to the backup, which takes no input.'],
			text: { en: 'Let the switch learn from the backup\'s frames, and the input follows the output.', zh: '让交换机从备机发出的帧学习，输入就会跟着输出走。' },
		},
		exercises: ['repeater'],
	},
	{
		id: 'split-brain',
		title: { en: 'Two that hear nothing of each other', zh: '互相听不见的两台机器' },
		question: { en: 'The link between the two is cut, and both live. Who goes on?', zh: '两者之间的链路断了，而双方都活着。谁继续？' },
		run: {
			command: 'run split-brain',
			quotes: ['Exactly one goes on; the other is told that it lost, and stops for good.', 'Two clients of one counter are both told 11.', 'Meanwhile neither guesses: nothing at all is sent to the clients.'],
		},
		look: { en: 'Test-and-set decides, and the lease sees to it that the loser has sent its last frame before the winner sends its first. Without an arbiter both go on, one counter becomes two, and the address flaps between two ports.', zh: '由 test-and-set 裁决；租约则保证败者发完最后一帧之后，胜者才发第一帧。没有仲裁者，两边都继续，一个计数器变成两个，MAC 地址在两个端口间来回跳。' },
		next: {
			command: 'run split-brain --arm unreachable', quotes: ['Without an answer each asks again, for as long as it takes.'],
			text: { en: 'An arbiter that does not answer means silence, never a guess.', zh: '仲裁者不回答，就保持沉默，绝不猜测。' },
		},
		exercises: ['both'],
	},
	{
		id: 'reconnect',
		title: { en: 'TCP\'s memory dies with the connection', zh: 'TCP 的记忆随连接而逝' },
		question: { en: 'The client gives up its connection, opens another and asks again. Who knows that it is the same request?', zh: '客户端放弃连接，另开一条再问一次。谁知道这是同一个请求？' },
		run: {
			command: 'run reconnect',
			quotes: ['Without serials nobody can tell a request from its copy: it is executed twice', 'The new primary finds the serial among what was executed, and answers from memory, as the dead one would have: 11.', 'No replica has done wrong.'],
		},
		look: { en: 'TCP recognises a repeat by a number in a connection. Another connection has other numbers. Only serials of the application live on, and they have to be kept, let go and expired by all replicas alike.', zh: 'TCP 靠连接内的序号识别重复，换一条连接就换了序号。只有应用层的序列号能延续下来，而且所有副本必须以同样的方式保存、释放和过期。' },
		next: {
			command: 'run reconnect --arm expired', quotes: ['It says so, and executes nothing.'],
			text: { en: 'A server that has forgotten a client says so: it does not make it a new session in silence.', zh: '忘记了客户端的服务器会如实说明，而不是悄悄给它建一个新会话。' },
		},
		exercises: ['network-alone'],
	},
	{
		id: 'fast-open',
		title: { en: 'A request in the SYN', zh: '放在 SYN 里的请求' },
		question: { en: 'TCP Fast Open puts the request into the SYN. What if the network delivers that SYN twice?', zh: 'TCP Fast Open 把请求放进 SYN。如果网络把这个 SYN 送达两次呢？' },
		run: {
			command: 'run fast-open',
			quotes: ['It is executed again (RFC 7413 §2.1).', 'The serial is known: the copy is answered from memory, and not executed.', 'A copy of an ordinary SYN opens half a connection, which nobody completes'],
		},
		look: { en: 'The three-way handshake is there so that old copies do no harm. Fast Open skips it, and with it that protection: where the connection is over, the copy is a new request. No replica has done wrong.', zh: '三次握手正是为了让旧的副本无害。Fast Open 跳过了它，也就跳过了这层保护：连接结束之后，副本就是一个新请求。副本机器都没有做错。' },
		next: {
			command: 'run fast-open --arm takeover', quotes: ['The new primary takes the copy\'s cookie for right'],
			text: { en: 'The new primary has the secret of the cookies too: it is the same machine.', zh: '新主机也有生成 cookie 的密钥：它就是同一台机器。' },
		},
		exercises: ['copies'],
	},
	{
		id: 'poison',
		title: { en: 'What replication does not help against', zh: '复制帮不上忙的情况' },
		question: { en: 'A request meets a bug of the service. Does the backup save us?', zh: '一个请求碰上了服务的 bug。备机救得了我们吗？' },
		run: {
			command: 'run poison',
			quotes: ['Both machines fall at that entry: they are one machine.', 'A single machine that never fails would have fallen at the same entry.'],
		},
		look: { en: 'The frame was logged before it was executed, and it kills both. Replication hides failures of machines, not of programs.', zh: '这一帧在执行之前已写入日志，于是两台都倒下了。复制掩盖的是机器的故障，不是程序的错误。' },
		next: {
			command: 'run poison --arm machine', quotes: ['The other goes on, and no client can tell'],
			text: { en: 'The same request to a service without the bug, on a machine that fails: that is what a backup is for.', zh: '同样的请求，服务没有 bug，只是机器坏了：备机正是为此而设。' },
		},
		exercises: ['poison'],
	},
	{
		id: 'matrix',
		title: { en: 'All of it at once', zh: '全部放在一起' },
		question: { en: 'Every client of a replicated system needs some way to detect duplicates, the lecture says. Which way helps against what?', zh: '课上说，所有复制系统的客户端都需要某种重复检测机制。哪种机制对付哪种情况？' },
		run: {
			command: 'matrix',
			quotes: ['TCP happens to detect the duplicate: the reply comes twice, every byte the same, and is read once.', 'Without TCP and without serials the application believes the duplicate.', 'TCP\'s memory dies with the connection: who connects anew and asks again needs serials.', 'Without the Output Rule nothing helps, neither TCP nor serials: the client is told what the backup never heard of.'],
		},
		look: { en: 'Each row is a combination; its numbers are worlds, one for each crash point and each further fault. Look for rows without ✗, and ask what they have in common. dupack matrix --html matrix.html draws each crash point.', zh: '每一行是一种组合，数字是世界的个数：每个崩溃点、每种附加故障各一个。找出没有 ✗ 的行，想想它们的共同点。dupack matrix --html matrix.html 会把每个崩溃点画出来。' },
		next: {
			command: 'matrix --only transport=udp,serials=none,policy=normal,client=no-retry,fault=none --crash 39', quotes: ['the application saw 11, 11; counter 11'],
			text: { en: 'Any of those worlds can be looked at by itself, with its ladder.', zh: '其中任何一个世界都可以单独看，连同它的时序图。' },
		},
		exercises: ['unsafe'],
	},
];
