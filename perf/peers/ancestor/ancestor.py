"""The way of the tutorials that this project comes from, repaired: one user a request, one INSERT, one send."""

import json
import os

import psycopg2
import requests
from kafka import KafkaProducer

source, seed = os.environ["PEER_SOURCE"], os.environ["PEER_SEED"]
table, topic = os.environ["PEER_TABLE"], os.environ["PEER_TOPIC"]
producer = KafkaProducer(bootstrap_servers=[os.environ["PEER_KAFKA"]], max_block_ms=5000)
database = psycopg2.connect(os.environ["PEER_POSTGRES"])

for number in range(int(os.environ["PEER_USERS"])):
    user = requests.get(source, params={"seed": f"{seed}-{number}"}, timeout=30).json()["results"][0]
    with database, database.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (user_id, original) VALUES (%s, %s) ON CONFLICT DO NOTHING",
            (user["login"]["uuid"], json.dumps(user)),
        )
    producer.send(topic, json.dumps(user).encode())

producer.flush()
database.close()
