import type { Chapter } from './chapter.ts';
import { beyond } from './chapters-beyond.ts';

/** Section 4.6 itself. */
const lecture: readonly Chapter[] = [
	{
		id: 'duplicate-output',
		title: { en: 'The reply is sent twice and read once', zh: '回复发了两次，只被读到一次' },
		question: {
			en: 'The primary has answered, and dies. The request still lies in the backup\'s log buffer. Will the client be told 11 twice?',
			zh: '主机已经回复，随即崩溃；而请求还躺在备机的日志缓冲区里。客户端会被告知两次 11 吗？',
		},
		run: {
			command: 'run duplicate-output',
			quotes: ['The backup sends the reply again, and every byte of the frame is the same.', 'Those bytes were acknowledged before, so that this is a duplicate ACK: the only trace of the failure.', 'The application was given 11 once.', '9 of 9 claims hold'],
		},
		look: {
			en: 'Follow the double arrow back from the backup: it is the same frame as before the crash. Below it the client\'s TCP answers at once with an ACK that says nothing new, and with the block of bytes it had already (DSACK). The application is not in that exchange at all.',
			zh: '从备机出发的双线箭头就是崩溃前的那一帧，一字不差。紧接着客户端的 TCP 立刻回了一个没有新内容的 ACK，并用 DSACK 指出哪些字节它早已收到。应用程序根本没有参与这个过程。',
		},
		next: {
			command: 'run duplicate-output --crash-at all', quotes: ['a duplicate ACK; counter 11', '3 distinct histories'],
			text: { en: 'Kill the primary before every step in turn. The application is given 11 once, wherever the knife falls; only the repeat and its duplicate ACK come and go.', zh: '依次在每一步之前杀掉主机。无论在哪里下刀，应用都只得到一次 11；变化的只有重发和那个重复的 ACK。' },
		},
		exercises: ['repeat', 'failover'],
	},
	{
		id: 'skip-drain',
		title: { en: 'First drain the log, then go live', zh: '先消费完日志，再上线' },
		question: { en: 'Why must the backup execute everything in its log buffer before it takes over?', zh: '为什么备机必须先执行完日志缓冲区里的全部内容，才能接管？' },
		run: {
			command: 'run skip-drain',
			quotes: ['The client was told 11 before the failure, and a new connection is told 11 a second time.', 'The old connection has come apart: the client acknowledges what this server has not sent yet (SEG.ACK > SND.NXT).', 'nobody is told a number twice'],
		},
		look: {
			en: 'In the first arm the acknowledged request is gone. A new client is told 11 again, and the old connection is worse off than that: it acknowledges bytes this server has never sent, and gets bare ACKs until it gives up.',
			zh: '第一种情形里，已被确认的请求消失了。新客户端又得到 11，而旧连接更糟：它确认了这台服务器从未发送过的字节，只能收到空 ACK，直到放弃。',
		},
		next: {
			command: 'run skip-drain --arm drain', quotes: ['its next request is answered 13', 'counter 13'],
			text: { en: 'The same run with the drain on: nobody notices anything.', zh: '同样的过程，打开 drain：谁也察觉不到异样。' },
		},
		exercises: ['drain'],
	},
	{
		id: 'neither-side-sends',
		title: { en: 'Sending on neither side is worse', zh: '两边都不发送更糟' },
		question: { en: 'Duplicates could be avoided by sending on neither side. What would that cost?', zh: '只要两边都不生成输出，就不会重复。代价是什么？' },
		run: {
			command: 'run neither-side-sends',
			quotes: ['The primary died before it could send it, and the backup, by this policy, gives it up.', 'The application gets its answer, once, and no error.', 'Nobody ever sends that RST again: the client believes in a connection that is gone.', 'Over UDP the reply is lost for good: the client waits for ever.'],
		},
		look: {
			en: 'Over TCP the answer comes when the backup\'s own retransmission timer says so: later, and how much later is a question of the profile. What no timer guards, a RST or a datagram, never comes.',
			zh: '在 TCP 上，要等备机自己的重传定时器到期，回答才会到：会晚，晚多少取决于协议栈的参数。没有定时器守护的东西，比如 RST 或数据报，就再也不会来了。',
		},
		next: {
			command: 'run neither-side-sends --arm rfc', quotes: ['no earlier than the profile\'s 1000 ms after it went live'],
			text: { en: 'The RFC\'s smallest time-out is a second, and so is the client\'s wait.', zh: 'RFC 规定的最小超时是一秒，客户端也就要等一秒。' },
		},
		exercises: ['resend'],
	},
	{
		id: 'without-tcp',
		title: { en: 'Without TCP, serial numbers', zh: '没有 TCP，就用序列号' },
		question: { en: 'If there is no TCP, what detects the duplicate?', zh: '如果没有 TCP，靠什么检测重复？' },
		run: {
			command: 'run without-tcp',
			quotes: ['UDP has no memory: the application is given 11 twice.', 'the second reply answers no outstanding request, and the client drops it', 'Without serials nobody can tell: the request is executed a second time, and the client is told 12.', 'The new primary answers from memory what the old one had answered: 11.'],
		},
		look: {
			en: 'There are two duplicates, and two mechanisms. A reply that comes twice is dropped by the client. A request that comes twice is answered by the server from memory, and that memory is part of the replicated state.',
			zh: '重复有两种，机制也有两个。回复来了两次，由客户端丢弃；请求来了两次，由服务器凭记忆回答，而这份记忆是复制状态的一部分。',
		},
		next: {
			command: 'matrix --only transport=udp,serials=none,policy=normal,client=no-retry,fault=none --points', quotes: ['the application saw 11, 11; counter 11', 'the application saw 11, 12, 12; counter 12'],
			text: { en: 'Every crash point of one conversation over UDP. In some of them the repeat is even taken for the answer to the next request.', zh: '一次 UDP 会话的所有崩溃点。其中有些，重发的回复甚至被当成了下一个请求的回答。' },
		},
		exercises: ['fooled'],
	},
	{
		id: 'output-rule',
		title: { en: 'The Output Rule', zh: '输出规则' },
		question: { en: 'Why may no output leave before the backup has the log entry it came from?', zh: '为什么在备机收到相应的日志条目之前，任何输出都不能离开？' },
		run: {
			command: 'run output-rule',
			quotes: ['The reply left before the backup had the entry it came from.', 'The first client was told 11; a second one is told 11 again.', 'The rule costs one round trip on the log link for each output.', 'Only the output waits: the primary executed each entry the moment it logged it.'],
		},
		look: {
			en: 'Without the rule the client knows of an 11 that the backup never heard of. The watch over the run says so too: no machine that never failed sends this frame. With the rule each output waits one round trip on the log link, and nothing else waits.',
			zh: '没有这条规则，客户端知道的 11，备机从未听说过。监视程序也指出：一台从不出错的机器不会发出这一帧。有了规则，每个输出只需等待日志链路上的一次往返，别的什么都不用等。',
		},
		next: {
			command: 'run output-rule --arm off --crash-at all', quotes: ['crash points'],
			text: { en: 'Most crash points show nothing at all: that is why one has to try them all.', zh: '大多数崩溃点什么也看不出来：所以必须全部试一遍。' },
		},
		exercises: ['lie', 'lost-entry'],
	},
	{
		id: 'client-closed',
		title: { en: 'The connection was closed meanwhile', zh: '连接在此期间已经关闭' },
		question: { en: 'The client closed its connection before the repeat arrives. It answers with a RST. Does the backup mind?', zh: '重发的回复到达之前，客户端已经关闭了连接，于是回了一个 RST。备机会在意吗？' },
		run: {
			command: 'run client-closed',
			quotes: ['That RST takes its number from the old frame\'s ACK, which is below what the backup expects next: its log has the client\'s FIN.', 'The backup ignores it: not a word on that connection in answer, then or later.', 'this one stands exactly at RCV.NXT: the backup never saw the client\'s end', 'TIME-WAIT still has a control block: an ACK answers, and no RST.'],
		},
		look: {
			en: '"The backup will practically ignore it" is right after an orderly end: the RST bears an old number, below the window. Where the client was aborted and nobody heard, the number is exact, and that connection ends. Other connections never notice.',
			zh: '“备机会直接忽略这个报文”，在正常关闭之后确实如此：RST 用的是旧序号，落在窗口之下。如果客户端是异常终止而无人知晓，序号就恰好吻合，那条连接随之结束。其他连接毫无察觉。',
		},
		next: {
			command: 'run client-closed --arm a2', quotes: ['SEQ and RCV.NXT differ by 0', 'That connection is aborted'],
			text: { en: 'The same frame, the same RST, and another ending: one sequence number decides.', zh: '同样的帧，同样的 RST，结局却不同：由一个序列号决定。' },
		},
		exercises: ['rst'],
	},
	{
		id: 'byte-identical',
		title: { en: 'Same port, same IP, same MAC', zh: '同样的端口、IP 和 MAC' },
		question: { en: 'Can the backup go on with the same source port? Even with the same IP address?', zh: '备机还能用同样的源端口吗？连 IP 地址也一样？' },
		run: {
			command: 'run byte-identical',
			quotes: ['The Ethernet addresses are the same, although it is another computer.', 'SEQ, ACK, window, timestamps and checksum are the same.', 'So is the whole frame, every byte of it.'],
		},
		look: { en: 'The table compares the frames field by field. The repeat is the first frame. What the timer sends later is another output, made at another time, and it shows.', zh: '表格逐字段比较各帧。重发的帧就是第一帧；而定时器之后发出的，是另一时刻产生的另一个输出，看得出来。' },
		next: {
			command: 'run byte-identical --set profile=freebsd', quotes: ['So is the whole frame, every byte of it.'],
			text: { en: 'Another stack, the same law.', zh: '换一种协议栈，规律不变。' },
		},
		exercises: ['later'],
	},
	{
		id: 'switch-port',
		title: { en: 'One MAC address moves to another port', zh: '同一个 MAC 换了交换机端口' },
		question: { en: 'Both machines hang on one switch with one MAC address. How does the switch learn where to send now?', zh: '两台机器接在同一台交换机上，用同一个 MAC。交换机怎么知道现在该往哪里转发？' },
		run: {
			command: 'run switch-port',
			quotes: ['The first frame that leaves the backup moves the address from the primary\'s port to its own.', 'goes to the port of the dead', 'Only when the switch has forgotten the silent address does a frame come to the backup.'],
		},
		look: { en: 'Gratuitous ARP, RARP, any frame will do: the switch learns from the source address of whatever it sees. Only where nobody says anything and the dead port stays up is there a black hole.', zh: '免费 ARP、RARP、任何一帧都行：交换机从看到的每一帧的源地址学习。只有谁也不出声、死去机器的端口又还亮着，才会出现黑洞。' },
		next: {
			command: 'run switch-port --arm black-hole --set port-dies=on', quotes: ['With its port down the switch forgets the address'],
			text: { en: 'A port that goes down with its machine is as good as an announcement.', zh: '端口随机器一起断掉，效果等同于一次通告。' },
		},
		exercises: ['ageing'],
	},
];

/** The guide, station by station. */
export const chapters: readonly Chapter[] = [...lecture, ...beyond];
