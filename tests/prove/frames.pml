/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Model the owners of frames: the program and the kernel, with the four rings
 * between them. Check that in every interleaving each frame is always in one
 * place, and that neither side waits for ever.
 *
 *	FILL -> kernel -> RX -> program -> TX -> kernel -> COMPLETION
 *
 * Each ring is an ordered channel with one writer and one reader. Four frames
 * are enough, because each ring is full, partly filled and empty in some
 * states. tests/prove.sh also runs the model with each macro MUTANT_... defined,
 * one at a time. Such a macro adds a fault, which a check must find.
 */
#define FRAMES 4 /* also the size of the channels "fill" and "free" */
#define SIZE   2 /* size of the channels "rx", "tx" and "completion" */

chan fill       = [FRAMES] of { byte };
chan rx         = [SIZE] of { byte };
chan tx         = [SIZE] of { byte };
chan completion = [SIZE] of { byte };
chan free       = [FRAMES] of { byte };

byte places[FRAMES]; /* number of places that hold each frame */
byte received;       /* packets from the wire, up to PACKETS */

#define PACKETS 6

/* A frame leaves a place, and then enters the next place. */
inline leave(f) { places[f]-- }
inline enter(f) { places[f]++; assert(places[f] == 1) }

active proctype program()
{
	byte f, g;
	byte i;

	atomic {
		for (i : 0 .. FRAMES - 1) {
			enter(i);
			free!i
		}
	}
end:	do
	/* fill_refill() */
	:: atomic { nempty(free) && nfull(fill) ->
		free?f; leave(f); enter(f); fill!f
#ifdef MUTANT_FILLS_TWICE
		; enter(f); fill!f
#endif
	   }
	/*
	 * queue_receive() and process_packet(): take a packet only if TX has
	 * room for an answer
	 */
#ifdef MUTANT_NO_ROOM
	:: nempty(rx) ->
#else
	:: nempty(rx) && nfull(tx) ->
#endif
		rx?f;
		if
		:: atomic { leave(f);
#ifdef MUTANT_NO_ROOM
			assert(nfull(tx));
#endif
			enter(f); tx!f }		/* an answer */
#ifdef MUTANT_GIVES_BACK_SENT
			; atomic { enter(f); free!f }
#endif
		:: atomic { leave(f);
#ifndef MUTANT_LEAKS
			enter(f); free!f
#endif
			}				/* no answer */
		fi
	/* completion_reclaim() */
#ifndef MUTANT_NEVER_RECLAIMS
	:: atomic { nempty(completion) -> completion?g; leave(g); enter(g); free!g }
#endif
	od
}

/*
 * Receive: move a frame from FILL to RX. The model leaves out the packets that
 * the kernel drops because FILL is empty or RX is full.
 */
active proctype kernel_rx()
{
	byte f;

end:	do
	:: received < PACKETS && nempty(fill) && nfull(rx) ->
		atomic { fill?f; received++ }
		atomic { rx!f }
	od
}

/* Send: reserve a place in COMPLETION before taking a frame from TX. */
active proctype kernel_tx()
{
	byte f;

end:	do
	:: nempty(tx) && nfull(completion) ->
		tx?f;
		completion!f
	od
}

/*
 * When no process can make another step, check that all packets have been
 * received, and that each frame is free or in FILL: no frame is lost, and none
 * is held for ever.
 */
active proctype auditor()
{
	timeout ->
		assert(received == PACKETS);
		assert(len(rx) == 0 && len(tx) == 0 && len(completion) == 0);
		assert(len(free) + len(fill) == FRAMES)
}
